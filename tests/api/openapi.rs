//! The description of the API as it was agreed: a change of it is seen in review.

use crate::harness::TestApp;

const AGREED: &str = "tests/api/openapi.json";

/// `ZHIHUI_RENEW=1 cargo nextest run --release openapi` writes the file anew.
#[tokio::test]
async fn the_description_is_the_agreed_one() {
    let app = TestApp::new().await;
    let mut description = app.get("/api/v1/openapi.json").send().await.expect(200).json();
    // It changes with each release, and says nothing of the API.
    description["info"]["version"] = "*".into();
    let found = serde_json::to_string_pretty(&description).unwrap() + "\n";
    if std::env::var_os("ZHIHUI_RENEW").is_some() {
        std::fs::write(AGREED, &found).unwrap();
    }
    let agreed = std::fs::read_to_string(AGREED).unwrap();
    let differs = found.lines().zip(agreed.lines()).zip(1..).find(|((found, agreed), _)| found != agreed);
    if let Some(((found, agreed), line)) = differs {
        panic!("{AGREED}:{line} says\n{agreed}\nand the program\n{found}\nZHIHUI_RENEW=1 renews it");
    }
    assert_eq!(found.len(), agreed.len(), "{AGREED} has more, or less, at its end; ZHIHUI_RENEW=1 renews it");
}
