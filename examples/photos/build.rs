//! The actions of the policies become types: a handler for one that is not there does not compile.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    axum_authz_build::Actions::dir("../../policies/photos").write()?;
    Ok(())
}
