//! Resources: types whose values policies decide on.

mod attribute;
mod describe;
mod load;
#[expect(clippy::module_inception, reason = "the file has the name of its trait")]
mod resource;
mod value;

pub use attribute::{Attribute, NoneIs};
pub use describe::{InvalidAttribute, describe};
pub use load::Load;
pub use resource::Resource;
pub use value::{AttributeValue, OptionalValue};
