//! A browser with a window, and what is done in it. Nothing here waits for a time: only for what
//! must appear.

use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::http::Method;
use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::process::{Running, rest, zhihui};

/// Pixels of a page that a picture shows; what is below is more of the same.
const HIGHEST: u64 = 2_400;
/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(30);
const CHROMIUM: &str = "/usr/bin/chromium";
const DRIVER: &str = "/usr/bin/chromedriver";

/// https://www.npmjs.com/package/axe-core; its licence lies beside it.
const AXE: &str = include_str!("vendor/axe-4.14.1.min.js");
/// Names of the rules that are broken, with the elements.
const AXE_RUN: &str = "const [options, done] = arguments;
    axe.run(document, { ...options, resultTypes: ['violations'] }).then((found) => done(found.violations
        .filter((v) => v.impact === 'serious' || v.impact === 'critical')
        .map((v) => ({ rule: v.id, at: v.nodes.map((n) => n.html.slice(0, 200)) }))));";

/// Notes in the page whether the next click is heard, and whether it leads away; tells whether the
/// element is one that leads away.
const LISTEN: &str = "window.pressed = 'waiting';
    addEventListener('click', () => { if (window.pressed === 'waiting') window.pressed = 'heard' },
        { capture: true, once: true });
    window.navigation?.addEventListener('navigate', (e) => {
        if (!e.destination.sameDocument && e.downloadRequest === null) window.pressed = 'leaving' });
    const pressed = arguments[0].closest('a[href], button');
    return pressed !== null && !pressed.hasAttribute('popovertarget')
        && (pressed.tagName === 'A' || pressed.form !== null && pressed.type === 'submit')";

/// How somebody looks at the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Desktop,
    Phone,
    /// The narrowest window that must do (320 px).
    Narrow,
    /// A desktop in the dark, of somebody who wants nothing to move.
    Dark,
    /// A desktop that runs no scripts.
    NoScripts,
}

/// Pixels of a phone's screen to one of a page.
const PHONE_RATIO: f64 = 2.0;

impl View {
    /// Width and height of the phone, where it is one.
    const fn phone(self) -> Option<(u64, u64)> {
        match self {
            Self::Phone => Some((390, 844)),
            Self::Narrow => Some((320, 640)),
            Self::Desktop | Self::Dark | Self::NoScripts => None,
        }
    }
}

/// Kills its process when it goes.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A window on the demo.
#[derive(Clone)]
pub struct Window {
    client: Client,
    pub view: View,
    /// The folder of the demo's data.
    pub data: PathBuf,
    site: String,
    test: &'static str,
}

/// Runs a test on a demo of its own in a browser of its own. Without a browser it is skipped, but
/// for tests/run, which has installed one.
pub fn see<F: Future<Output = ()> + Send + 'static>(test: &'static str, view: View, run: fn(Window) -> F) {
    if !Path::new(DRIVER).exists() {
        assert!(std::env::var_os("ZHIHUI_TEST_BROWSER").is_none(), "{DRIVER} is missing");
        return eprintln!("Browser not tested: {DRIVER} is missing (tests/run installs it)");
    }
    let data = tempfile::tempdir().unwrap();
    let demo = ["demo", "--addr", "127.0.0.1:0", "--log-format", "json"];
    let demo = Running::start(zhihui(data.path(), &demo));
    let (driver, port) = driver();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let done = runtime.block_on(async {
        let profile = tempfile::tempdir().unwrap();
        let connector =
            ClientBuilder::new(HttpConnector::new()).capabilities(capabilities(view, profile.path())).to_owned();
        let client = connector.connect(&format!("http://127.0.0.1:{port}")).await.unwrap();
        let site = format!("http://{}", demo.address);
        let window = Window { client, view, data: data.path().to_owned(), site, test };
        let done = tokio::spawn(run(window.clone())).await;
        if done.is_err() {
            let _ = window.shot("failed").await;
            let page = window.client.source().await.unwrap_or_default();
            std::fs::write(window.file("failed", "html"), page).unwrap();
            eprintln!("see {}", window.file("failed", "png").display());
        }
        window.client.close().await.unwrap();
        done
    });
    drop(driver);
    match done {
        Ok(()) => ran(),
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

/// Tells tests/run, which counts them.
fn ran() {
    if let Some(path) = std::env::var_os("ZHIHUI_TEST_RAN") {
        writeln!(std::fs::OpenOptions::new().append(true).open(path).unwrap(), "browser").unwrap();
    }
}

/// Starts the driver on a free port, which it tells.
fn driver() -> (Killed, u16) {
    let mut command = Command::new(DRIVER);
    let mut child = command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let child = Killed(child);
    let port = lines.find_map(|line| {
        let line = line.unwrap();
        line.strip_prefix("ChromeDriver was started successfully on port ")?.trim_end_matches('.').parse().ok()
    });
    (child, port.expect("the driver tells its port"))
}

fn capabilities(view: View, profile: &Path) -> Capabilities {
    let profile = format!("--user-data-dir={}", profile.display());
    let mut options = json!({
        "binary": CHROMIUM,
        "args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--window-size=1280,900", "--lang=zh-CN", profile],
    });
    if let Some((width, height)) = view.phone() {
        let metrics = json!({ "width": width, "height": height, "pixelRatio": PHONE_RATIO, "mobile": true });
        options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    match view {
        View::Desktop | View::Phone | View::Narrow => {}
        View::Dark => {
            let args = options["args"].as_array_mut().unwrap();
            args.extend(
                ["--blink-settings=preferredColorScheme=0", "--force-prefers-reduced-motion"].map(|a| json!(a)),
            );
        }
        View::NoScripts => options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 }),
    }
    let all = json!({ "browserName": "chrome", "goog:chromeOptions": options });
    all.as_object().unwrap().clone()
}

impl Window {
    pub async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.site)).await.unwrap();
    }

    /// The first such element, once there is one.
    pub async fn find(&self, css: &str) -> Element {
        self.appears(Locator::Css(css), css).await
    }

    /// Asks until it is there. While one page goes and the next comes, the driver has other answers
    /// than that there is none.
    async fn appears(&self, locator: Locator<'_>, what: &str) -> Element {
        let begun = Instant::now();
        loop {
            match self.client.find(locator).await {
                Ok(found) => return found,
                Err(error) if begun.elapsed() > PATIENCE => panic!("nothing like “{what}” appears: {error}"),
                Err(_) => tokio::time::sleep(GLANCE).await,
            }
        }
    }

    /// The first such element, which comes with a later look at the page.
    pub async fn find_later(&self, css: &str) -> Element {
        let begun = Instant::now();
        while self.count(css).await == 0 {
            assert!(begun.elapsed() < PATIENCE, "nothing like “{css}” comes");
            self.reload().await;
        }
        self.find(css).await
    }

    /// Status of the answer that the page came with.
    pub async fn status(&self) -> u64 {
        let script = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.run(script).await.as_u64().unwrap()
    }

    /// How many there are now.
    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    pub async fn click(&self, css: &str) {
        self.press_on(self.find(css).await, css).await;
    }

    /// Follows the link with this text.
    pub async fn follow(&self, text: &str) {
        self.press_on(self.appears(Locator::LinkText(text), text).await, text).await;
    }

    /// Clicks, and waits for the page that it leads to. The driver waits neither for a tap to be heard
    /// nor for a form to be sent: what comes next would still meet the page before, and a picture that
    /// is taken while one page takes the place of another never comes.
    async fn press_on(&self, element: Element, what: &str) {
        let leaves = self.client.execute(LISTEN, vec![serde_json::to_value(&element).unwrap()]).await.unwrap();
        element.click().await.unwrap();
        let begun = Instant::now();
        let mut heard = 0;
        // A page that runs no scripts hears nothing: there it is by what the element is.
        while heard < 2 {
            let state = self.client.execute("return window.pressed || null", Vec::new()).await;
            match state.as_ref().ok().and_then(|state| state.as_str()) {
                // Another page, or one that is just coming.
                None if state.is_ok() => return,
                Some("heard") if self.view != View::NoScripts => heard += 1,
                Some("waiting") if self.view == View::NoScripts && leaves == json!(false) => return,
                _ => {}
            }
            assert!(begun.elapsed() < PATIENCE, "“{what}” was pressed, and nothing came of it");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Types into a field instead of what is there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Keeps a picture of the page, and holds that nothing is wider than the window, that nothing
    /// came from elsewhere, and that axe-core finds nothing serious or critical; it needs timers,
    /// which a page without scripts has not.
    pub async fn look(&self, name: &str) {
        if std::env::var_os("ZHIHUI_TEST_PICTURES").is_some() {
            self.shot(name).await.unwrap();
        }
        let script = "const d = document.documentElement; return d.scrollWidth - d.clientWidth";
        let over = self.client.execute(script, Vec::new()).await.unwrap();
        assert_eq!(over, json!(0), "“{name}” is wider than the window in {:?}", self.view);
        let elsewhere = "return performance.getEntriesByType('resource').map((e) => e.name)
            .filter((name) => !name.startsWith(location.origin))";
        let elsewhere = self.client.execute(elsewhere, Vec::new()).await.unwrap();
        assert_eq!(elsewhere, json!([]), "“{name}” asks another site");
        // In the dark only colours are others than at a desk, in the narrowest window only widths than
        // on a phone.
        let rules = match self.view {
            View::NoScripts | View::Narrow => return,
            View::Dark => json!({ "runOnly": ["color-contrast"] }),
            View::Desktop | View::Phone => json!({}),
        };
        self.client.execute(AXE, Vec::new()).await.unwrap();
        let found = self.client.execute_async(AXE_RUN, vec![rules]).await.unwrap();
        assert_eq!(found, json!([]), "“{name}” is not for everybody in {:?}: {found:#}", self.view);
    }

    /// Waits until the content of the page says this.
    pub async fn says(&self, text: &str) {
        let told = format!("//main//*[contains(., '{text}')]");
        self.appears(Locator::XPath(&told), text).await;
    }

    /// What stands in a field.
    pub async fn value(&self, css: &str) -> String {
        self.find(css).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Shows pages as on paper, or as on a screen again.
    pub async fn print(&self, on_paper: bool) {
        let params = json!({ "media": if on_paper { "print" } else { "" } });
        self.client.issue_cmd(DevTools { command: "Emulation.setEmulatedMedia", params }).await.unwrap();
    }

    /// What a script gives back.
    pub async fn run(&self, script: &str) -> serde_json::Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// What a script gives to its last argument.
    pub async fn run_async(&self, script: &str) -> serde_json::Value {
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }

    /// Goes back as the button does.
    pub async fn back(&self) {
        self.client.back().await.unwrap();
    }

    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// Presses keys in whatever has the focus.
    pub async fn press(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// The address without its site.
    pub async fn address(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.site).unwrap_or(url.as_str()).to_owned()
    }

    /// Signs in as one of the demo's people.
    pub async fn sign_in(&self, login: &str) {
        self.open("/sign-in").await;
        self.fill("#login", login).await;
        self.fill("#password", "zhihui-demo-only").await;
        self.click("form.card button.primary").await;
        self.find("header .who").await;
    }

    /// Keeps what the window shows for the README.
    pub async fn keep(&self, name: &str) {
        let picture = self.picture((1280, 900), "webp").await.unwrap();
        assert!(picture.len() < 150_000, "{name}: {} bytes", picture.len());
        let file = match std::env::var_os("ZHIHUI_SCREENSHOTS") {
            Some(folder) => Path::new(&folder).join(format!("{name}.webp")),
            None => self.file(name, "webp"),
        };
        std::fs::write(file, picture).unwrap();
    }

    /// Somebody else sits down: the browser knows nobody any more.
    pub async fn forget(&self) {
        self.client.delete_all_cookies().await.unwrap();
    }

    /// Chooses a file.
    pub async fn attach(&self, css: &str, file: &Path) {
        self.find(css).await.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// What the signed-in person gets under an address, as a file.
    pub async fn fetch(&self, path: &str, name: &str) -> PathBuf {
        let session = self.client.get_all_cookies().await.unwrap();
        let session = session.iter().find(|c| c.name() == "zhihui_session").map_or("", |c| c.value());
        let mut stream = TcpStream::connect(self.site.strip_prefix("http://").unwrap()).unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncookie: zhihui_session={session}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let answer = rest(&mut stream);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        let file = self.data.join(name);
        std::fs::write(&file, body).unwrap();
        file
    }

    pub async fn sign_out(&self) {
        self.run("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()").await;
        self.find("header .me a[href='/sign-in']").await;
    }

    /// A picture of the whole page, for which the window is made as high as the page. (Chromium's own
    /// `captureBeyondViewport` moves what is on a phone: clicks go astray, or the picture never comes.)
    async fn shot(&self, name: &str) -> Result<(), CmdError> {
        let size = "const d = document.documentElement; return [d.clientWidth, Math.max(d.scrollHeight, innerHeight)]";
        let size = self.client.execute(size, Vec::new()).await?;
        let (width, height) = (size[0].as_u64().unwrap(), size[1].as_u64().unwrap().min(HIGHEST));
        let picture = self.picture((width, height), "png").await?;
        std::fs::write(self.file(name, "png"), picture).unwrap();
        Ok(())
    }

    /// What a window of this size shows.
    async fn picture(&self, (width, height): (u64, u64), format: &str) -> Result<Vec<u8>, CmdError> {
        self.client.issue_cmd(DevTools::window(width, height, self.view.phone().is_some())).await?;
        let answer = self.client.issue_cmd(DevTools::picture(format)).await?;
        let back = match self.view.phone() {
            Some((width, height)) => DevTools::window(width, height, true),
            None => DevTools { command: "Emulation.clearDeviceMetricsOverride", params: json!({}) },
        };
        self.client.issue_cmd(back).await?;
        Ok(BASE64.decode(answer["data"].as_str().unwrap()).unwrap())
    }

    fn file(&self, name: &str, kind: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(format!("{}-{:?}-{name}.{kind}", self.test, self.view).to_lowercase())
    }
}

/// A command of the Chrome DevTools Protocol.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    params: serde_json::Value,
}

impl DevTools {
    /// A picture of the page from its top, below the window too.
    /// What the window shows.
    fn picture(format: &str) -> Self {
        Self { command: "Page.captureScreenshot", params: json!({ "format": format }) }
    }

    /// A window of this size.
    fn window(width: u64, height: u64, is_phone: bool) -> Self {
        let ratio = if is_phone { PHONE_RATIO } else { 1.0 };
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": ratio, "mobile": is_phone });
        Self { command: "Emulation.setDeviceMetricsOverride", params }
    }
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.command, "params": self.params }).to_string()))
    }
}
