use axum_authz::authorize;

// All of them are told at once, and the function is still there for the rest of the program.
#[authorize(action = "", resuorce = "album", id = cookie("id"))]
fn show() {}

fn main() {
    show();
}
