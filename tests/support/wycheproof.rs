//! Project Wycheproof's vectors. `.ci/run test` brings them to `target/wycheproof`; they are no part of the
//! repository.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::{env, fs, path::Path};

use serde_json::Value;

/// One vector, with the group whose key it is for.
pub(crate) struct Case<'a> {
    pub(crate) group: &'a Value,
    pub(crate) vector: &'a Value,
}

/// The vectors in `NAME_test.json`. Without the file there are none, except in CI, where that is an error.
pub(crate) fn file(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/wycheproof")
        .join(format!("{name}_test.json"));
    match fs::read(&path) {
        Ok(text) => Some(serde_json::from_slice(&text).expect("the vectors should be JSON")),
        Err(_) => {
            assert!(env::var_os("CI").is_none(), "no vectors at {}", path.display());
            println!("no vectors at {}: skipped (`.ci/run test` brings them)", path.display());
            None
        }
    }
}

/// All vectors of a file in order.
pub(crate) fn cases(file: &Value) -> impl Iterator<Item = Case<'_>> {
    list(&file["testGroups"])
        .iter()
        .flat_map(|group| list(&group["tests"]).iter().map(move |vector| Case { group, vector }))
}

impl Case<'_> {
    /// Number and remark, to be shown when it fails.
    pub(crate) fn name(&self) -> String {
        format!("{} {} {}", self.group["comment"], self.vector["tcId"], self.vector["comment"])
    }

    pub(crate) fn id(&self) -> u64 {
        self.vector["tcId"].as_u64().expect("vectors are numbered")
    }

    pub(crate) fn is_valid(&self) -> bool {
        match self.vector["result"].as_str() {
            Some("valid") => true,
            Some("invalid") => false,
            other => panic!("{}: {other:?}", self.name()),
        }
    }

    /// The token, when it has one. What is a token's JSON serialization comes as that.
    pub(crate) fn token(&self, member: &str) -> Option<String> {
        match self.vector.get(member)? {
            Value::String(text) => Some(text.clone()),
            json => Some(json.to_string()),
        }
    }

    /// The key to check with: the public one, and where there is none, the secret. A set of several comes as a set.
    pub(crate) fn key(&self) -> &Value {
        let key = self.group.get("public").unwrap_or(&self.group["private"]);
        match key.get("keys").and_then(Value::as_array).map(Vec::as_slice) {
            Some([only]) => only,
            _ => key,
        }
    }

    /// A member that is written in hexadecimal digits.
    pub(crate) fn bytes(&self, member: &str) -> Vec<u8> {
        let text = self.vector[member].as_str().expect("a text");
        let digit = |digit: u8| (digit as char).to_digit(16).expect("a hexadecimal digit");
        let byte = |pair: &[u8]| u8::try_from(digit(pair[0]) * 16 + digit(pair[1]));
        text.as_bytes().chunks(2).map(|pair| byte(pair).expect("a byte")).collect()
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}
