//! Refused sign-ins, over HTTP: whether their time tells that an account exists, and how near they come to what
//! Argon2 allows.

use std::{error::Error, num::NonZero, thread, time::Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use tokio::task::JoinSet;
use vestibule::server::{config::PasswordsConfig, http::state::HttpState};

use crate::{samples::Samples, visitor::Visitor};

/// Samples of each kind, and how many among the tests.
const TIMED: usize = 200;
const TRIED: usize = 4;
/// How many people sign in at the same time.
const CLIENTS: usize = 8;
const KNOWN: &str = "email=ada%40example.org&password=seven+impossible+things";
const UNKNOWN: &str = "email=nobody%40example.org&password=seven+impossible+things";

/// Measures wrong passwords for the account of `visitor` and for one that does not exist.
pub async fn measure(state: &HttpState, visitor: &Visitor) -> Result<(), Box<dyn Error>> {
    let samples = if crate::is_bench() { TIMED } else { TRIED };
    let (mut known, mut unknown) = (Samples::default(), Samples::default());
    for round in 0..samples {
        // Each comes first half of the time, since the first pays for what it leaves in the caches.
        if round % 2 == 0 {
            known.time(visitor.fail_to_sign_in(KNOWN)).await?;
            unknown.time(visitor.fail_to_sign_in(UNKNOWN)).await?;
        } else {
            unknown.time(visitor.fail_to_sign_in(UNKNOWN)).await?;
            known.time(visitor.fail_to_sign_in(KNOWN)).await?;
        }
    }
    let (known, unknown) = (known.median_millis(), unknown.median_millis());
    println!("\nA wrong password, {samples} samples of each kind, interleaved; median in milliseconds\n");
    println!(
        "an account that exists {known:.2}, one that does not {unknown:.2}: ratio {:.3}",
        known / unknown
    );

    let ceiling = argon2_per_second(&state.app.config.passwords, samples)?;
    let reached = sign_ins_per_second(visitor, samples).await?;
    println!(
        "{reached:.1} refused sign-ins a second from {CLIENTS} clients; Argon2 alone allows {ceiling:.1}"
    );
    Ok(())
}

/// What all cores can do.
fn argon2_per_second(config: &PasswordsConfig, hashes: usize) -> Result<f64, Box<dyn Error>> {
    let params = Params::new(config.memory, config.passes, config.lanes, None)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                (0..hashes).try_for_each(|_| argon2.hash_password_into(b"anything", &[1; 16], &mut [0; 32]))
            });
        }
    });
    Ok((cores * hashes) as f64 / began.elapsed().as_secs_f64())
}

async fn sign_ins_per_second(visitor: &Visitor, each: usize) -> Result<f64, Box<dyn Error>> {
    let mut clients = JoinSet::new();
    let began = Instant::now();
    for _ in 0..CLIENTS {
        let visitor = visitor.clone();
        clients.spawn(async move {
            for _ in 0..each {
                visitor.fail_to_sign_in(UNKNOWN).await.map_err(|error| error.to_string())?;
            }
            Ok::<_, String>(())
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended??;
    }
    Ok((CLIENTS * each) as f64 / began.elapsed().as_secs_f64())
}
