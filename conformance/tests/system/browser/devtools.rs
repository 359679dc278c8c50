//! Drives a page by the `DevTools` protocol, over the pipes of the process: JSON between zero bytes.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};

use crate::browser::chromium;

/// A Chromium with one page in a window of desktop size. Dropping it ends it.
pub(crate) struct Page {
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    asked: u64,
    session: Option<String>,
    /// Events that it sent.
    events: Vec<Value>,
    log: PathBuf,
    process: Child,
    _profile: TempDir,
}

impl Page {
    pub(crate) async fn new() -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let log = profile.path().join("log");
        let mut command = chromium::command("drive", &profile);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(std::fs::File::create(&log).expect("a file"));
        let mut process = command.spawn().expect("sh is there");
        let input = process.stdin.take().expect("a pipe");
        let output = process.stdout.take().expect("a pipe");
        let mut page = Self {
            input: Some(ChildStdin::from_std(input).expect("a pipe")),
            output: BufReader::new(ChildStdout::from_std(output).expect("a pipe")),
            asked: 0,
            session: None,
            events: vec![],
            log,
            process,
            _profile: profile,
        };
        let blank = json!({"url": "about:blank"});
        let target = page.call("Target.createTarget", blank).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = page.call("Target.attachToTarget", attach).await;
        page.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page.size(1440, 1000).await;
        page
    }

    /// Sends a command, and returns its result.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let input = self.input.as_mut().expect("it is open");
        let message = format!("{message}\0");
        let sent = input.write_all(message.as_bytes()).await;
        sent.expect("Chromium runs");
        loop {
            let heard = self.hear(method).await;
            if heard["id"] == id {
                assert!(heard["error"].is_null(), "{method}: {heard}");
                return heard["result"].clone();
            }
            self.events.push(heard);
        }
    }

    /// Reads the next message of Chromium.
    async fn hear(&mut self, awaited: &str) -> Value {
        let mut bytes = Vec::new();
        let limit = Duration::from_mins(1);
        let heard = tokio::time::timeout(limit, self.output.read_until(0, &mut bytes));
        let Ok(heard) = heard.await else {
            panic!(
                "{awaited} has not come after {limit:?}: {:#?}",
                self.console()
            );
        };
        if heard.expect("a pipe") == 0 {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            panic!("Chromium ended before {awaited}:\n{log}");
        }
        bytes.pop();
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// Waits for an event at index `from` or later.
    async fn event(&mut self, from: usize, method: &str) {
        while !self.events[from..]
            .iter()
            .any(|event| event["method"] == method)
        {
            let heard = self.hear(method).await;
            self.events.push(heard);
        }
    }

    pub(crate) async fn go(&mut self, url: &str) {
        let from = self.events.len();
        // A change after `#` alone would load nothing.
        self.call("Page.navigate", json!({"url": "about:blank"}))
            .await;
        self.event(from, "Page.loadEventFired").await;
        let from = self.events.len();
        self.call("Page.navigate", json!({"url": url})).await;
        self.event(from, "Page.loadEventFired").await;
    }

    pub(crate) async fn reload(&mut self) {
        let from = self.events.len();
        self.call("Page.reload", json!({})).await;
        self.event(from, "Page.loadEventFired").await;
    }

    /// Returns the value of an expression; promises are awaited.
    pub(crate) async fn value(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", params).await;
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown:#}");
        answer["result"]["value"].clone()
    }

    /// Waits until a condition holds, which is evaluated after each change of the document.
    pub(crate) async fn until(&mut self, condition: &str) {
        let wait = format!(
            "new Promise((done) => {{
                const see = () => ({condition}) && (watch.disconnect(), done());
                const watch = new MutationObserver(see);
                const everything = {{ attributes: true, characterData: true, childList: true, subtree: true }};
                watch.observe(document, everything);
                see();
            }})"
        );
        self.value(&wait).await;
    }

    /// Waits until every image is loaded and drawn.
    pub(crate) async fn drawn(&mut self) {
        let all = "Promise.allSettled([...document.images].map((image) => image.decode()))
            .then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))))";
        self.value(all).await;
    }

    /// Presses and releases a key.
    pub(crate) async fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            " " => (32, " "),
            "ArrowLeft" => (37, ""),
            "ArrowRight" => (39, ""),
            key => panic!("no code is known for {key}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut params = json!({"type": kind, "key": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                params["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", params).await;
        }
    }

    /// Types at the focus.
    pub(crate) async fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text})).await;
    }

    pub(crate) async fn size(&mut self, width: u32, height: u32) {
        let phone = width < 600;
        let params =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        self.call("Emulation.setDeviceMetricsOverride", params)
            .await;
    }

    /// Sets the preferred colour scheme, `light` or `dark`.
    pub(crate) async fn scheme(&mut self, scheme: &str) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}))
            .await;
    }

    /// Saves a screenshot for review in the directory `tmp` of cargo's target directory.
    pub(crate) async fn screenshot(&mut self, name: &str) {
        self.drawn().await;
        let shot = self
            .call("Page.captureScreenshot", json!({"format": "png"}))
            .await;
        let data = shot["data"].as_str().expect("a text");
        let path = format!("{}/{name}.png", env!("CARGO_TARGET_TMPDIR"));
        let bytes = BASE64_STANDARD.decode(data).expect("base64");
        std::fs::write(&path, bytes).expect("the picture is kept");
        println!("{path}");
    }

    /// Returns console messages, exceptions and blocked requests so far.
    pub(crate) fn console(&self) -> Vec<String> {
        let told = |event: &Value| match event["method"].as_str() {
            Some("Runtime.consoleAPICalled" | "Runtime.exceptionThrown") => Some(event.to_string()),
            Some("Log.entryAdded") => {
                let entry = &event["params"]["entry"];
                Some(format!("{} {}", entry["text"], entry["url"]))
            }
            _ => None,
        };
        self.events.iter().filter_map(told).collect()
    }

    /// Returns the requests to servers other than `origin`.
    pub(crate) fn outside(&self, origin: &str) -> Vec<&str> {
        let asked = self
            .events
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent");
        asked
            .filter_map(|event| event["params"]["request"]["url"].as_str())
            .filter(|url| {
                !url.starts_with(origin) && !url.starts_with("data:") && *url != "about:blank"
            })
            .collect()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        drop(self.input.take());
        // A failure means that it has ended.
        let _ = self.process.wait();
    }
}
