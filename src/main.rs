use std::process::ExitCode;

use clap::Parser;
use vestibule::server::{cli::Cli, domain::error_chain};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vestibule: {}", error_chain(&*error));
            ExitCode::FAILURE
        }
    }
}
