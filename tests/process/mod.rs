//! The real program as a child process, killed when the test is over.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

/// A command of the program with an environment of its own.
pub fn zhihui(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhihui"));
    command.args(arguments).stdin(Stdio::null());
    let settings = std::env::vars_os().map(|(name, _)| name);
    for name in settings.filter(|name| name == "DATABASE_URL" || name.to_string_lossy().starts_with("ZHIHUI_")) {
        command.env_remove(name);
    }
    command.env("ZHIHUI_DATA", data_dir);
    command
}

/// A service that runs.
pub struct Running {
    child: Child,
    /// Lines of its log, read while it writes them: a pipe that is full would hold it up.
    log: Mutex<Receiver<String>>,
    /// What it prints for people, in a file.
    printed: tempfile::NamedTempFile,
    /// `127.0.0.1:49152`
    pub address: String,
}

impl Running {
    /// Starts a service on a free port and waits until it serves. The command must log as JSON.
    pub fn start(mut command: Command) -> Self {
        let printed = tempfile::NamedTempFile::new().unwrap();
        let mut child = command.stdout(printed.reopen().unwrap()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (to, log) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| to.send(line)));
        let mut this = Self { child, log: Mutex::new(log), printed, address: String::new() };
        this.address = this.wait_for("zhihui serves")["address"].as_str().unwrap().to_owned();
        this
    }

    /// Reads the log up to the line with this message.
    pub fn wait_for(&mut self, message: &str) -> Value {
        for line in self.log.get_mut().unwrap().iter() {
            match serde_json::from_str::<Value>(&line) {
                Ok(line) if line["message"] == message => return line,
                Ok(_) => {}
                Err(_) => eprintln!("{line}"),
            }
        }
        panic!("the program ended before it said “{message}”");
    }

    /// What it has printed by now.
    pub fn printed(&self) -> String {
        std::fs::read_to_string(self.printed.path()).unwrap()
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end; gives the rest of the log.
    pub fn end(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        for line in self.log.get_mut().unwrap().iter() {
            rest.push_str(&line);
            rest.push('\n');
        }
        (self.child.wait().unwrap(), rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All that the other side still sends.
pub fn rest(stream: &mut std::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that was reset has said all it had to say.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
