//! What a start looks at, without starting.

use std::time::Duration;

use super::{
    data::{check_signing_keys, open_existing_database, refuse_public_data, session_store},
    error::StartupError,
    warnings::warnings,
};
use crate::server::{
    config::{Config, DatabaseLocation},
    db::{Database, OpenError, SchemaError},
    http::assets::Assets,
    mail::Mailer,
};

/// How long the mail server may take to answer.
const MAIL_TIMEOUT: Duration = Duration::from_secs(5);

/// Checks settings, site folder, mail server, database, session store and keys, and changes nothing: also while a server runs. So
/// it neither listens at the port nor writes to the data folder, and does not notice if that is not possible.
/// Returns warnings.
///
/// # Errors
/// Why a server would not start, in a sentence.
pub async fn check(config: &Config) -> Result<Vec<String>, StartupError> {
    Assets::find(&config.http.site_root)?;
    refuse_public_data(config)?;
    check_signing_keys(config)?;
    let mut warnings = warnings(config);
    warnings.extend(mail_server_is_unusable(config).await?);
    if let DatabaseLocation::Sqlite(file) = config.database.location(&config.data_dir)?
        && !file.exists()
    {
        warnings.push(format!("{} does not exist yet: the server will create it", file.display()));
        return Ok(warnings);
    }
    match open_existing_database(config).await {
        Ok(db) => {
            refuse_corrupt(&db, config).await?;
            session_store(config, &db).await?;
            db.close().await;
        }
        Err(StartupError::Database { location, source: OpenError::Schema(SchemaError::Older) }) => {
            warnings.push(format!(
                "the schema of {location} is older than this program: the server will migrate it"
            ));
        }
        Err(error) => return Err(error),
    }
    Ok(warnings)
}

/// A start reads little of the database, and would not notice.
async fn refuse_corrupt(db: &Database, config: &Config) -> Result<(), StartupError> {
    match db.is_intact().await {
        Ok(true) => Ok(()),
        Err(error) if !error.is_corrupt() => Err(error.into()),
        Ok(false) | Err(_) => {
            let location = config.database.location(&config.data_dir)?.to_string();
            Err(StartupError::Corrupt { location })
        }
    }
}

/// No reason not to start: until it answers, mails wait.
async fn mail_server_is_unusable(config: &Config) -> Result<Option<String>, StartupError> {
    let answer = Mailer::new(config)?.check(MAIL_TIMEOUT).await;
    Ok(answer.err().map(|error| {
        format!("the mail server of mail.url cannot be used, and mails wait until it can ({error})")
    }))
}
