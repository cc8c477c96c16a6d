//! Parsers under mutated inputs. Each target feeds an input to what reads it in production, and
//! asserts what must hold for any input: no panic, no 5xx, and a property of its own.
//!
//! `cargo test` feeds each target its corpus and some hundred mutations of it, always the same. `make fuzz` goes on
//! for longer, with other mutations each time. What it finds belongs into the corpus of the target.

mod corpus;
mod mutator;
mod run;
mod world;

/// A module for each target, with a function `target` that returns it, and two tests.
macro_rules! targets {
    ($($target:ident: $mutations:literal),* $(,)?) => {
        $(mod $target;)*

        mod corpora {
            $(
                #[test]
                fn $target() {
                    super::run::mutate_some(stringify!($target), $mutations, super::$target::target());
                }
            )*
        }

        mod for_long {
            $(
                #[test]
                #[ignore = "takes a minute: `make fuzz`"]
                fn $target() {
                    super::run::mutate_for_long(stringify!($target), super::$target::target());
                }
            )*
        }
    };
}

// How many mutations are tried by `cargo test`.
targets! {
    account_fields: 500,
    bodies: 300,
    configuration: 100,
    cookies: 500,
    forwarded: 500,
    heads: 200,
    request_headers: 200,
    return_addresses: 1000,
    session_data: 60,
    user_agents: 1000,
}
