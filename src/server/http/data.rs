//! "Download my data": a file, not a page.

use axum::{
    Extension, Json,
    response::{IntoResponse, Response},
};
use http::header;

use super::responses::fault;
use crate::server::{accounts, caller::Caller};

const ATTACHMENT: &str = "attachment; filename=\"vestibule-data.json\"";

/// The data of the account that is signed in.
pub async fn download(Extension(caller): Extension<Caller>) -> Response {
    match accounts::export(&caller).await {
        Ok(data) => ([(header::CONTENT_DISPOSITION, ATTACHMENT)], Json(data)).into_response(),
        Err(error) => fault(error.into()),
    }
}
