//! What an operator has probably not meant. It does not keep the server from starting.

use std::path::Path;

use crate::server::{config::Config, mail::OUTBOX, memory_limit::memory_limit, private_files};

/// A sentence for each, with its remedy.
pub fn warnings(config: &Config) -> Vec<String> {
    let found = [
        everyone_is_a_proxy(config),
        listens_to_others(config),
        data_folder_is_shared(config),
        keys_file_is_shared(config),
        nobody_gets_mail(config),
        hashing_takes_the_memory(config, memory_limit()),
    ];
    found.into_iter().flatten().collect()
}

fn everyone_is_a_proxy(config: &Config) -> Option<String> {
    let network = config.http.trusted_proxies.iter().find(|network| network.prefix_len() == 0)?;
    Some(format!(
        "http.trusted_proxies has {network}, so every client can claim any address in X-Forwarded-For: name the \
         networks of your proxies alone"
    ))
}

fn listens_to_others(config: &Config) -> Option<String> {
    let listen = config.http.listen;
    (!listen.ip().is_loopback() && config.public_url.is_loopback()).then(|| {
        format!(
            "other machines can reach http.listen ({listen}), but public_url ({}) names this one, so nobody can \
             sign in from there: set public_url to the address that visitors type, or listen on 127.0.0.1",
            config.public_url.origin()
        )
    })
}

fn data_folder_is_shared(config: &Config) -> Option<String> {
    let folder = &config.data_dir;
    let danger = if private_files::others_can_write(folder) {
        "write to"
    } else if private_files::others_can_read(folder) {
        "read"
    } else {
        return None;
    };
    Some(format!(
        "other users can {danger} {0}, where the database and the keys that sign cookies are: run `chmod go= {0}`",
        folder.display()
    ))
}

fn keys_file_is_shared(config: &Config) -> Option<String> {
    let file = &config.sessions.keys_file;
    let path = config.data_dir.join(file);
    (file != Path::new("") && private_files::others_can_read(&path)).then(|| {
        format!(
            "other users can read {0}, and so sign in as anyone: run `chmod go= {0}`, or mount it with mode 0400",
            path.display()
        )
    })
}

fn nobody_gets_mail(config: &Config) -> Option<String> {
    (!config.mail.is_sent() && !config.public_url.is_loopback()).then(|| {
        format!(
            "mail.url is not set, so mails are files in {}, and no one gets one: people who forget their password \
             stay out, and anyone can register with any address",
            config.data_dir.join(OUTBOX).display()
        )
    })
}

/// `memory`: what this process may use, in bytes.
fn hashing_takes_the_memory(config: &Config, memory: Option<u64>) -> Option<String> {
    let passwords = &config.passwords;
    let (at_a_time, mebibytes) = (passwords.at_a_time as u64, |kibibytes: u64| kibibytes / 1024);
    let (hashing, available) = (at_a_time.saturating_mul(u64::from(passwords.memory)), memory? / 1024);
    (hashing > available / 2).then(|| {
        format!(
            "passwords.at_a_time ({at_a_time}) times passwords.memory is {} MiB, more than half of the {} MiB that \
             there are, so the system may end the server: lower passwords.at_a_time, or set it to 0",
            mebibytes(hashing),
            mebibytes(available)
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn hashing_should_leave_half_of_the_memory() {
        let mut config = Config::load(None, HashMap::new()).expect("the defaults are valid");
        let mebibytes = |count: u64| Some(count * 1024 * 1024);
        assert_eq!(hashing_takes_the_memory(&config, mebibytes(1)), None, "as many as fit");
        config.passwords.at_a_time = 8;
        assert_eq!(hashing_takes_the_memory(&config, mebibytes(304)), None, "8 × 19 MiB");
        assert_eq!(hashing_takes_the_memory(&config, None), None);
        let warning = hashing_takes_the_memory(&config, mebibytes(303)).expect("a warning");
        assert!(warning.contains("is 152 MiB, more than half of the 303 MiB"), "{warning}");
    }
}
