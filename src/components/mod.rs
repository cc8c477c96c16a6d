//! Pieces of HTML that pages and islands are made of. They only render.

mod fields;
mod form_state;
pub mod icons;
mod notice;
mod time;
mod token_field;

pub use fields::{Checkbox, ErrorBox, FieldFrame, ReturnToField, TextField, UsernameField, link_with_return};
pub use form_state::{FieldState, FormState};
pub use notice::{Notice, NoticeIcon};
pub use time::Time;
pub use token_field::TokenField;
