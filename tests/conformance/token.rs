//! Tokens of requests: signatures, dates, claims.

use std::path::Path;

use authz_engine::{AuxData, Map};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, DecodingKey, decode_header};
use serde_json::Value as Json;

use crate::input::text;

/// The name of the key set that the server of the data knows.
const KEY_SET: &str = "cerbos";

/// The one key that tokens of the data are signed with.
pub(crate) struct Verifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier {
    pub(crate) fn new(file: &Path) -> Result<Self, String> {
        let text = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let jwk: jsonwebtoken::jwk::Jwk =
            serde_json::from_slice(&text).map_err(|e| e.to_string())?;
        let named = jwk.common.key_algorithm.map(|a| a.to_string()).unwrap_or_default();
        Ok(Self {
            algorithm: named.parse().map_err(|_| format!("no algorithm `{named}`"))?,
            key: DecodingKey::from_jwk(&jwk).map_err(|e| e.to_string())?,
        })
    }

    /// `auxData` of an API request.
    pub(crate) fn aux_data(&self, aux: &Json, now: u64) -> Result<AuxData, String> {
        let one = aux.get("jwt").map(|jwt| self.claims(jwt, now)).transpose()?;
        let several = aux.get("jwts").and_then(Json::as_object);
        let several: Vec<(&str, Map)> = several
            .into_iter()
            .flatten()
            .map(|(name, jwt)| Ok((name.as_str(), self.claims(jwt, now)?)))
            .collect::<Result<_, String>>()?;
        match (one, several.as_slice()) {
            (None, []) => Ok(AuxData::default()),
            (Some(claims), []) => AuxData::from_claims(&claims).map_err(|e| e.to_string()),
            (None, several) => {
                AuxData::from_named_claims(several.iter().map(|(name, claims)| (*name, claims)))
                    .map_err(|e| e.to_string())
            }
            (Some(_), _) => Err("only one of `jwt` and `jwts` may be there".to_owned()),
        }
    }

    fn claims(&self, jwt: &Json, now: u64) -> Result<Map, String> {
        let set = text(jwt, "keySetId", "key_set_id");
        if !set.is_empty() && &*set != KEY_SET {
            return Err(format!("there is no key set `{set}`"));
        }
        let token = jwt.get("token").and_then(Json::as_str).ok_or("`token` must not be empty")?;
        let header = decode_header(token).map_err(|e| e.to_string())?;
        let (signed, signature) = token.rsplit_once('.').ok_or("no token")?;
        let (_, payload) = signed.split_once('.').ok_or("no token")?;
        let decode = |part| URL_SAFE_NO_PAD.decode(part).map_err(|e| e.to_string());
        let verifier = (DEFAULT_PROVIDER.verifier_factory)(&self.algorithm, &self.key)
            .map_err(|e| e.to_string())?;
        let signature = decode(signature)?;
        if header.alg != self.algorithm || verifier.verify(signed.as_bytes(), &signature).is_err() {
            return Err("the signature is not good".to_owned());
        }
        let claims: Map =
            serde_json::from_slice(&decode(payload)?).map_err(|e| format!("claims: {e}"))?;
        let date = |name| claims.get(name).and_then(authz_engine::Value::as_f64);
        let now = now as f64;
        let expired = date("exp").is_some_and(|exp| exp <= now);
        if expired || [date("nbf"), date("iat")].iter().flatten().any(|from| *from > now) {
            return Err("the token is not valid now".to_owned());
        }
        Ok(claims)
    }
}
