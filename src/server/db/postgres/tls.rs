//! TLS to PostgreSQL. The certificate of the server is always verified, with its host name.

use std::{io, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::error::ConnectError;
use crate::server::config::PostgresUrl;

pub fn connector(url: &PostgresUrl) -> Result<MakeRustlsConnect, ConnectError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let roots = match &url.root_certificates {
        Some(file) => certificates_in(file)?,
        None => system_certificates(),
    };
    Ok(MakeRustlsConnect::new(versions.with_root_certificates(roots).with_no_client_auth()))
}

fn certificates_in(file: &Path) -> Result<RootCertStore, ConnectError> {
    let unreadable = |source| ConnectError::Certificates { path: file.to_owned(), source };
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|error| unreadable(io::Error::other(error)))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(io::Error::other(error)))?;
        roots.add(certificate).map_err(|error| unreadable(io::Error::other(error)))?;
    }
    Ok(roots)
}

fn system_certificates() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}
