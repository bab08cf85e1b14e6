//! The real Cerbos: its compiler, and its server on the loopback interface.

use std::collections::BTreeSet;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

const INSTALLED: &str = "target/cerbos/node_modules/@cerbos/cerbos-linux-x64/cerbos-linux-x64";
/// Compiling takes milliseconds for each expression, and more on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) struct Cerbos {
    binary: PathBuf,
}

/// What the compiler has against a place of a file.
pub(crate) struct Refusal {
    pub(crate) file: String,
    /// JSONPath over the camelCase document.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Cerbos {
    /// The binary that `CERBOS_BIN` names, or the one that `.ci/run conformance` installs.
    pub(crate) fn find() -> Option<Self> {
        let binary = std::env::var_os("CERBOS_BIN")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(INSTALLED), PathBuf::from);
        binary.is_file().then_some(Self { binary })
    }

    /// Compiles a folder of policies.
    pub(crate) fn compile(&self, policies: &Path) -> Result<Vec<Refusal>, String> {
        let output = Command::new(&self.binary)
            .args(["compile", "--skip-tests", "-o", "json"])
            .arg(policies)
            .output()
            .map_err(|error| format!("cannot run {}: {error}", self.binary.display()))?;
        let unclear = || {
            let text = [&*output.stdout, &output.stderr].concat();
            format!(
                "cerbos compile: {}",
                String::from_utf8_lossy(text.get(..2000).unwrap_or(&text))
            )
        };
        if output.status.success() {
            return Ok(Vec::new());
        }
        let answer: Json = serde_json::from_slice(&output.stdout).map_err(|_| unclear())?;
        let errors = answer.pointer("/compileErrors/errors").and_then(Json::as_array);
        let text = |error: &Json, place: &str| {
            error.pointer(place).and_then(Json::as_str).unwrap_or_default().to_owned()
        };
        let refusals = errors.ok_or_else(unclear)?.iter().map(|error| Refusal {
            file: text(error, "/file"),
            path: text(error, "/position/path"),
            text: text(error, "/description"),
        });
        Ok(refusals.collect())
    }

    /// Why Cerbos does not load a folder: kinds of mistakes, as its own names for them.
    pub(crate) fn reasons(&self, policies: &Path) -> Result<BTreeSet<String>, String> {
        let output = Command::new(&self.binary)
            .args(["compile", "--skip-tests", "-o", "json"])
            .arg(policies)
            .output()
            .map_err(|error| format!("cannot run {}: {error}", self.binary.display()))?;
        let answer: Json = serde_json::from_slice(&output.stdout)
            .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let mut reasons = BTreeSet::new();
        for (kind, found) in
            answer.get("lintErrors").and_then(Json::as_object).into_iter().flatten()
        {
            if found.as_array().is_none_or(|found| !found.is_empty()) {
                reasons.insert(kind.clone());
            }
        }
        let errors = answer.pointer("/compileErrors/errors").and_then(Json::as_array);
        for error in errors.into_iter().flatten() {
            reasons.extend(error.get("error").and_then(Json::as_str).map(str::to_owned));
        }
        Ok(reasons)
    }

    /// Starts a server over a folder of policies that compile, with parts of its configuration, such as `engine`.
    pub(crate) fn serve(&self, policies: &Path, parts: &Json) -> Result<Server, String> {
        // A port that was free may be taken by the time the server asks for it.
        let mut last = String::new();
        for _ in 0..3 {
            match self.try_serve(policies, parts) {
                Ok(server) => return Ok(server),
                // What is wrong with the policies stays wrong.
                Err(error) if !error.contains("address already in use") => return Err(error),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn try_serve(&self, policies: &Path, parts: &Json) -> Result<Server, String> {
        let io = |error: std::io::Error| error.to_string();
        let home = tempfile::tempdir().map_err(io)?;
        let ports = [TcpListener::bind("127.0.0.1:0"), TcpListener::bind("127.0.0.1:0")];
        let [http, grpc] =
            ports.map(|listener| listener.and_then(|l| l.local_addr()).map(|a| a.to_string()));
        let http = http.map_err(io)?;
        let mut config = json!({
            "server": {
                "httpListenAddr": http,
                "grpcListenAddr": grpc.map_err(io)?,
                "requestLimits": {"maxActionsPerResource": 500, "maxResourcesPerRequest": 50},
            },
            "storage": {"driver": "disk", "disk": {"directory": policies, "watchForChanges": false}},
            "auxData": {"jwt": {"disableVerification": true}},
            "audit": {"enabled": false},
            "telemetry": {"disabled": true},
        });
        for (name, part) in parts.as_object().into_iter().flatten() {
            config[name] = part.clone();
        }
        let (config_file, log) = (home.path().join("config.json"), home.path().join("log"));
        std::fs::write(&config_file, config.to_string()).map_err(io)?;
        let child = Command::new(&self.binary)
            .args(["server", "--log-level", "error", "--config"])
            .arg(&config_file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).map_err(io)?)
            .spawn()
            .map_err(io)?;
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
        let mut server = Server {
            child,
            _home: home,
            url: format!("http://{http}"),
            client: client.map_err(|error| error.to_string())?,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(io)?,
        };
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if matches!(server.child.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            if server.is_up() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(format!(
            "the server does not start: {}",
            std::fs::read_to_string(log).unwrap_or_default()
        ))
    }
}

/// A running server; dropping it ends the process.
pub(crate) struct Server {
    child: Child,
    _home: tempfile::TempDir,
    url: String,
    client: reqwest::Client,
    runtime: Runtime,
}

impl Server {
    fn is_up(&self) -> bool {
        let request = self.client.get(format!("{}/_cerbos/health", self.url));
        let answer = self.runtime.block_on(async { request.send().await });
        answer.is_ok_and(|response| response.status().is_success())
    }

    /// Asks `/api/check/resources`. The error is the text of an answer that is no success.
    pub(crate) fn check(&self, body: &Json) -> Result<Json, String> {
        let request = self.client.post(format!("{}/api/check/resources", self.url)).json(body);
        self.runtime
            .block_on(async {
                let response = request.send().await?;
                let ok = response.status().is_success();
                let text = response.text().await?;
                Ok(if ok { serde_json::from_str(&text).map_err(|_| text) } else { Err(text) })
            })
            .unwrap_or_else(|error: reqwest::Error| Err(format!("no answer: {error}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
