//! What an operator has probably not meant. It does not keep the server from starting.

use std::path::Path;

use crate::server::{config::Config, private_files};

/// A sentence for each, with its remedy.
pub fn warnings(config: &Config) -> Vec<String> {
    let found = [
        everyone_is_a_proxy(config),
        listens_to_others(config),
        data_folder_is_shared(config),
        keys_file_is_shared(config),
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
    private_files::others_can_write(folder).then(|| {
        format!(
            "other users can write to {0}, and so replace the database and the keys that sign cookies: run \
             `chmod go-w {0}`",
            folder.display()
        )
    })
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
