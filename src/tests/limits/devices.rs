//! Browsers that are known never wait for strangers.

use std::time::Duration;

use super::{HERE, MINUTE, THERE, flip, guess, is_accepted, limits, register, sign_in, two_attempts, wait};
use crate::support::{ALICE, BOB, TestApp, TestResponse};

/// While an account is delayed, the right password is not even compared, so that guessing tells nothing. But a
/// browser that has signed in before does not wait for strangers.
#[tokio::test]
async fn a_known_browser_gets_in_while_strangers_hammer_the_account() {
    let hammered = limits(|limits| (limits.account_attempts, limits.sign_in_burst) = (2, 2));
    let app = TestApp::start_with(hammered).await;
    let known = register(&app, ALICE).await;
    for _ in 0..4 {
        guess(&app.anon(), HERE, ALICE.email).await;
    }
    let stranger = sign_in(&app.anon(), HERE, ALICE.email, ALICE.password).await;
    assert_eq!(wait(&stranger), Some(15), "the address and the account have to wait");
    let elsewhere = sign_in(&app.anon(), THERE, ALICE.email, ALICE.password).await;
    assert_eq!(wait(&elsewhere), Some(15), "the account has to wait");
    is_accepted(&sign_in(&known, HERE, ALICE.email, ALICE.password).await);
    known.is_signed_in().await;
    assert_eq!(wait(&guess(&app.anon(), THERE, ALICE.email).await), Some(15), "strangers still wait");
}

/// What the cookie gives is that budget; without it, the browser counts as a stranger's.
#[tokio::test]
async fn a_known_browser_has_a_budget_of_its_own() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    let known = register(&app, ALICE).await;
    for _ in 0..2 {
        assert_eq!(wait(&guess(&known, HERE, ALICE.email).await), None);
    }
    let again = app.anon().with_device_cookie(known.device_cookie());
    is_accepted(&sign_in(&again, HERE, ALICE.email, ALICE.password).await);
    for expected in [None, None, Some(15)] {
        let answer = wait(&guess(&known, HERE, ALICE.email).await);
        assert_eq!(answer, expected, "a stolen cookie does not open guessing");
    }
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(15), "it was used up as strangers'");
    for expected in [None, None, Some(15)] {
        let answer = wait(&guess(&again, HERE, ALICE.email).await);
        assert_eq!(answer, expected, "a sign-in gives another");
    }
    app.clock.advance(Duration::from_secs(15));
    is_accepted(&sign_in(&known, HERE, ALICE.email, ALICE.password).await);
    for expected in [None, None] {
        assert_eq!(wait(&guess(&known, HERE, ALICE.email).await), expected, "its mistakes were forgotten");
    }
}

/// Who knew the password once can have signed in any number of browsers, which stay known when it is changed.
#[tokio::test]
async fn all_known_browsers_of_an_account_have_a_budget_together() {
    let few = limits(|limits| {
        two_attempts(limits);
        (limits.devices_burst, limits.devices_interval) = (5, 5 * MINUTE);
    });
    let app = TestApp::start_with(few).await;
    let alice = register(&app, ALICE).await;
    let mut farmed = Vec::new();
    for _ in 0..10 {
        let browser = app.anon();
        is_accepted(&sign_in(&browser, HERE, ALICE.email, ALICE.password).await);
        farmed.push(browser);
    }
    let guess_with_all = async || {
        let mut compared = 0;
        for _ in 0..2 {
            for browser in &farmed {
                compared += i32::from(wait(&guess(browser, HERE, ALICE.email).await).is_none());
            }
        }
        compared
    };
    assert_eq!(guess_with_all().await, 5 + 2, "theirs and the strangers'");
    app.clock.advance(5 * MINUTE);
    assert_eq!(guess_with_all().await, 1 + 1);
    app.clock.advance(5 * MINUTE);
    is_accepted(&sign_in(&alice, HERE, ALICE.email, ALICE.password).await);
    assert_eq!(guess_with_all().await, 1 + 1, "the right password cost nothing and forgot nothing of theirs");
}

#[tokio::test]
async fn no_other_cookie_makes_a_browser_known() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    let (alice, bob) = (register(&app, ALICE).await, register(&app, BOB).await);
    bob.sign_in(BOB).await;
    let session = bob.cookie_value();
    let device = alice.device_cookie().expect("a cookie");
    let (payload, signature) = device.split_once('.').expect("a signature");
    for _ in 0..2 {
        guess(&app.anon(), HERE, ALICE.email).await;
    }
    for forged in [
        bob.device_cookie().expect("a cookie"),
        format!("device_3000={session}"),
        format!("{}.{signature}", flip(payload)),
        format!("{payload}."),
        payload.to_owned(),
        device.replacen("device_3000", "device", 1),
    ] {
        let stranger = app.anon().with_device_cookie(Some(forged.clone()));
        let answer = sign_in(&stranger, HERE, ALICE.email, ALICE.password).await;
        assert_eq!(wait(&answer), Some(15), "{forged}");
    }
    is_accepted(&sign_in(&alice, HERE, ALICE.email, ALICE.password).await);
}

#[tokio::test]
async fn a_browser_is_known_for_months_and_for_each_of_its_accounts() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    let shared = register(&app, ALICE).await;
    shared.register(BOB).await;
    shared.sign_out().await;
    app.clock.advance(Duration::from_hours(24 * 179));
    for user in [ALICE, BOB] {
        for _ in 0..2 {
            guess(&app.anon(), HERE, user.email).await;
        }
        assert_eq!(wait(&guess(&app.anon(), HERE, user.email).await), Some(15));
        is_accepted(&sign_in(&shared, HERE, user.email, user.password).await);
    }
    let late = app.anon().with_device_cookie(shared.device_cookie());
    app.clock.advance(Duration::from_hours(24 * 180));
    for expected in [None, None, Some(15)] {
        assert_eq!(wait(&guess(&late, HERE, ALICE.email).await), expected);
    }
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(15), "it counts as a stranger");
}

#[tokio::test]
async fn the_device_cookie_is_for_this_site_alone_and_survives_signing_out() {
    let app = TestApp::start_https().await;
    let alice = app.anon();
    let registered = alice.register(ALICE).await;
    let set = |response: &TestResponse| {
        let lines = response.set_cookies();
        lines.into_iter().find(|line| line.starts_with("__Host-device=")).map(str::to_owned)
    };
    let cookie = set(&registered).expect("a cookie");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=15552000"), "{cookie}");
    assert_eq!(set(&alice.sign_out().await), None);
    assert!(set(&alice.sign_in(ALICE).await).is_some_and(|again| again != cookie), "another at each sign-in");
    for response in [alice.get("/").await, app.anon().fail_to_sign_in(ALICE.email).await] {
        assert_eq!(set(&response), None);
    }
}
