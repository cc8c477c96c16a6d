//! Requirements that have no better place.

use http::StatusCode;
use scraper::{Html, Selector};
use vestibule::{model::FormOutcome, pages};

use crate::support::{ALICE, TestApp};

#[tokio::test]
async fn a_new_installation_has_no_account() {
    let app = TestApp::start().await;
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 0);
}

#[tokio::test]
async fn password_fields_hide_what_is_typed_and_help_password_managers() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let fields = [
        (app.anon().get("/login").await, [("password", "current-password")].as_slice()),
        (app.anon().get("/register").await, &[("password", "new-password")]),
        (alice.get("/confirm").await, &[("password", "current-password")]),
        (
            alice.get("/account/security").await,
            &[("current_password", "current-password"), ("new_password", "new-password")],
        ),
    ];
    for (page, fields) in fields {
        assert!(!page.text().contains("onpaste"));
        let page = Html::parse_document(page.text());
        for (name, purpose) in fields {
            let selector = Selector::parse(&format!("input[name={name}]")).expect("a selector");
            let field = page.select(&selector).next().expect(name).value();
            assert_eq!((field.attr("type"), field.attr("autocomplete")), (Some("password"), Some(*purpose)));
            assert_eq!(field.attr("maxlength"), None, "nothing is cut off");
        }
    }
}

#[tokio::test]
async fn a_password_is_neither_trimmed_nor_truncated_nor_folded() {
    let app = TestApp::start().await;
    let long = format!(" Ostrich {} Velvet ", "quilt ".repeat(12));
    assert!(long.len() > 64);
    let fields = [("name", ALICE.name), ("email", ALICE.email), ("password", long.as_str())];
    assert_eq!(app.anon().call("/api/register", &fields).await.status, StatusCode::OK);
    let accepts = async |password: &str| {
        let outcome =
            app.anon().call("/api/sign_in", &[("email", ALICE.email), ("password", password)]).await;
        matches!(outcome.json(), FormOutcome::Accepted { .. })
    };
    assert!(accepts(&long).await);
    for other in [long.trim(), &long[..64], &long.to_lowercase()] {
        assert!(!accepts(other).await, "{other:?}");
    }
}

#[tokio::test]
async fn a_session_id_has_128_bits() {
    let app = TestApp::start().await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    assert_eq!(alice.raw_id().len(), 16);
    assert_ne!(alice.raw_id(), phone.raw_id());
}

#[tokio::test]
async fn every_page_of_an_account_has_a_button_to_sign_out() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let button = Selector::parse("header form[action='/api/sign_out'] button").expect("a selector");
    for page in pages::all() {
        let response = alice.get(page.path).await;
        if response.status == StatusCode::OK {
            let html = Html::parse_document(response.text());
            assert_eq!(html.select(&button).count(), 1, "{}", page.path);
        }
    }
}
