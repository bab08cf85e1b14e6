//! What the guarded router takes, and what the compiler says about what it does not take.

#[test]
fn only_what_declares_its_access_compiles() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui_guard/pass/*.rs");
    cases.compile_fail("tests/ui_guard/fail/*.rs");
}
