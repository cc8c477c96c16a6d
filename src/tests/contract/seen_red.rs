//! A test that cannot fail proves nothing: every invariant is shown a store that breaks it.

use std::{
    cell::Cell,
    panic,
    sync::{Arc, Once},
};

use super::{CONTRACT, Flaw, Invariant, Wrong, holds};

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Panics of this thread say nothing from here on: they are what the test is after.
fn expect_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                loud(panic);
            }
        }));
    });
    EXPECTED.set(true);
}

/// The flaws that an invariant notices.
async fn notices(invariant: Invariant) -> Vec<Flaw> {
    let mut noticed = Vec::new();
    for flaw in Flaw::ALL {
        if !holds(Arc::new(Wrong::with(Some(flaw))), invariant).await {
            noticed.push(flaw);
        }
    }
    noticed
}

#[tokio::test]
async fn every_invariant_is_seen_red() {
    expect_panics();
    let (mut blind, mut unnoticed) = (Vec::new(), Flaw::ALL.to_vec());
    for (name, invariant) in CONTRACT {
        let noticed = notices(*invariant).await;
        println!("{name:<62} {noticed:?}");
        unnoticed.retain(|flaw| !noticed.contains(flaw));
        if noticed.is_empty() {
            blind.push(name);
        }
    }
    assert!(blind.is_empty(), "nothing turns these red: {blind:?}");
    assert!(unnoticed.is_empty(), "nobody notices these: {unnoticed:?}");
}

#[tokio::test]
async fn the_flaws_of_published_stores_are_noticed() {
    expect_panics();
    for flaw in Flaw::SEEN_ELSEWHERE {
        let mut red = Vec::new();
        for (name, invariant) in CONTRACT {
            if !holds(Arc::new(Wrong::with(Some(flaw))), *invariant).await {
                red.push(*name);
            }
        }
        println!("{flaw:?} breaks {red:#?}");
        assert!(!red.is_empty(), "{flaw:?}");
    }
}

#[tokio::test]
async fn a_store_without_a_flaw_breaks_nothing() {
    for (name, invariant) in CONTRACT {
        assert!(holds(Arc::new(Wrong::with(None)), *invariant).await, "{name}");
    }
}
