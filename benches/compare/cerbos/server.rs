//! The real Cerbos: where it is found, and a server on the loopback interface.

use std::fs::File;
use std::io::{self, Error};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::http::{Connection, get};
use crate::report::target;

const PACKAGE: &str = "@cerbos/cerbos-linux-x64@0.55.0";
const BINARY: &str = "node_modules/@cerbos/cerbos-linux-x64/cerbos-linux-x64";
/// It takes a minute for nine thousand policies on a quiet machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// The binary that `CERBOS_BIN` names, or the one below `target/cerbos`, which npm installs if it is missing.
pub(crate) fn find() -> Result<PathBuf, String> {
    if let Some(binary) = std::env::var_os("CERBOS_BIN") {
        return Ok(binary.into());
    }
    let folder = target().join("cerbos");
    let binary = folder.join(BINARY);
    if !binary.is_file() {
        println!("installing {PACKAGE} in {}", folder.display());
        _ = std::fs::create_dir_all(&folder);
        _ = Command::new("npm")
            .args(["install", "--no-save", "--no-package-lock", "--silent", "--prefix"])
            .arg(&folder)
            .arg(PACKAGE)
            .status();
    }
    let how = || {
        format!(
            "the real Cerbos is missing and npm cannot install it. Either\n  npm install --no-save --no-package-lock \
             --prefix target/cerbos {PACKAGE}\nin the root of the repository, or name its binary by CERBOS_BIN"
        )
    };
    binary.is_file().then_some(binary).ok_or_else(how)
}

/// What it calls its version.
pub(crate) fn version(binary: &Path) -> io::Result<String> {
    let output = Command::new(binary).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// A running server; dropping it ends the process.
pub(crate) struct Server {
    child: Child,
    pub(crate) http: String,
    pub(crate) grpc: String,
    /// From the start of the process to its first answer that it is healthy.
    pub(crate) start: Duration,
}

impl Server {
    /// Starts a server over `folder/policies`; what it needs besides is written to `folder`.
    pub(crate) fn start(binary: &Path, folder: &Path) -> io::Result<Self> {
        let ports = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
        let [http, grpc] = [ports[0].local_addr()?.to_string(), ports[1].local_addr()?.to_string()];
        drop(ports);
        let policies = folder.join("policies");
        let config = json!({
            "server": {"httpListenAddr": http, "grpcListenAddr": grpc},
            "storage": {"driver": "disk", "disk": {"directory": policies, "watchForChanges": false}},
            "audit": {"enabled": false},
            "telemetry": {"disabled": true},
        });
        let (config_file, log) = (folder.join("cerbos.json"), folder.join("cerbos.log"));
        std::fs::write(&config_file, config.to_string())?;
        let started = Instant::now();
        let child = Command::new(binary)
            .args(["server", "--log-level", "error", "--config"])
            .arg(&config_file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()?;
        let mut server = Self { child, http, grpc, start: Duration::ZERO };
        while started.elapsed() < PATIENCE && server.child.try_wait()?.is_none() {
            if server.is_up() {
                server.start = started.elapsed();
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(Error::other(format!("Cerbos does not start: {}", std::fs::read_to_string(log)?)))
    }

    fn is_up(&self) -> bool {
        let asked = Connection::open(&self.http)
            .and_then(|mut connection| connection.exchange(&get(&self.http, "/_cerbos/health")));
        asked.is_ok()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The memory of a process that is resident now, in MB.
pub(crate) fn resident(process: u32) -> io::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map(|kilobytes| kilobytes / 1024.0).ok_or_else(|| Error::other("no VmRSS"))
}
