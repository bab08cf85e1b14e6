//! Hostile text: what fuzzing found, and what an attacker would try first. It returns, in little stack and memory.

#![expect(clippy::expect_used, reason = "tests")]

#[path = "common/probe.rs"]
mod probe;

use std::path::Path;
use std::thread;

use allocation_counter::measure;

/// A debug build needs four times the stack of a release build.
const STACK: usize = 4 << 20;
/// What the steps of one evaluation can build, at most.
const MEMORY: u64 = 1 << 30;

/// Runs the text through everything, on little stack and in bounded memory.
#[track_caller]
fn returns(text: impl Into<String>) {
    let text = text.into();
    let run = move || measure(|| probe::evaluate(&text)).bytes_max;
    let thread = thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread");
    let bytes = thread.join().expect("no panic");
    assert!(bytes < MEMORY, "{bytes} bytes");
}

#[test]
fn every_finding_returns() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings");
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        returns(String::from_utf8_lossy(&bytes));
    }
}

/// Long enough for any recursion to show.
const MANY: usize = 100_000;

/// Bytes for each byte of the text, however long it is.
#[test]
fn reading_takes_memory_in_proportion() {
    for part in [
        "(", "[", "!", "-", "1+", "a.", "a?b:", "'a',", "1,", " ", "//\n", "f(", "true&&", r"\",
        "'",
    ] {
        let text = part.repeat(MANY / part.len());
        let counted = measure(|| drop(probe::parse(&text)));
        assert!(counted.bytes_max < 256 * MANY as u64, "{part:?}: {} bytes", counted.bytes_max);
        assert!(
            counted.count_total < 4 * MANY as u64,
            "{part:?}: {} allocations",
            counted.count_total
        );
    }
}

#[test]
fn opening_brackets_return() {
    for open in [
        "(", "[", "{", "{1:", "[[", "f(", "a[", "a.f(", "[a,", "{a:", "?", "'", "\"", "b'", "`",
        "a{b:",
    ] {
        returns(open.repeat(MANY));
    }
}

#[test]
fn balanced_brackets_return() {
    for (open, inner, close) in [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("{1:", "2", "}"),
        ("size(", "''", ")"),
        ("!(", "true", ")"),
        ("-(", "1", ")"),
        ("[1].map(x,", "x", ")"),
        ("[1].exists(x,", "true", ")"),
        ("cel.bind(x,1,", "x", ")"),
        ("cel.bind(x,", "1", ",x)"),
        ("dyn(", "1", ")"),
        ("has({'a':", "1", "}.a)"),
        ("(true?", "1", ":2)"),
        ("optional.of(", "1", ")"),
    ] {
        for depth in [100, 240, 249, 250, 251, 1_000, 20_000] {
            returns(open.repeat(depth) + inner + &close.repeat(depth));
        }
    }
}

#[test]
fn chains_return() {
    for (first, next) in [
        ("1", "+1"),
        ("1", "-1"),
        ("1", "<1"),
        ("1", "==1"),
        ("true", "&&true"),
        ("false", "||false"),
        ("true", "&&true||false"),
        ("1", " in [1]"),
        ("'a'", "+'a'"),
        ("[1]", "+[1]"),
        ("a", ".a"),
        ("R.attr", ".a"),
        ("R.attr", ".?a"),
        ("R.attr", "['a']"),
        ("R.attr", "[?'a']"),
        ("'a'", ".size()"),
        ("'a'", ".lowerAscii()"),
        ("[1]", ".map(x,x)"),
        ("[1]", ".filter(x,true)"),
        ("optional.of(1)", ".optMap(x,x)"),
        ("true", "?1:true"),
        ("true?1", ":true?1"),
        ("!", "!"),
        ("-", "-"),
        ("1", ",1"),
        ("", "!-"),
        ("a", "{"),
        ("a.b", "{c:"),
        ("f", "()"),
        ("f", "(1)"),
        ("", " "),
        ("", "//\n"),
        ("1", "//\n"),
        (".", "."),
    ] {
        for length in [200, 249, 250, 1_000, MANY / next.len(), MANY] {
            returns(first.to_owned() + &next.repeat(length));
        }
    }
}

#[test]
fn unary_operators_return() {
    for (operators, operand) in
        [("!", "true"), ("-", "1"), ("!", ""), ("-", ""), ("- ", "x"), ("! ", "(!true)")]
    {
        returns(operators.repeat(MANY - operand.len()) + operand);
        returns(operators.repeat(MANY + 1 - operand.len()) + operand);
    }
}

#[test]
fn long_literals_return() {
    let long = "é".repeat(MANY - 20);
    for text in [
        format!("'{long}'"),
        format!("b'{long}'"),
        format!("'{long}'.size()"),
        format!("'{long}'.matches('é*')"),
        format!("'{long}'.split('')"),
        format!("'{long}'.reverse()"),
        format!("R.attr.{}", "a".repeat(MANY - 10)),
        "1".repeat(MANY - 2),
        format!("1e{}", "9".repeat(MANY - 10)),
        format!("0.{}", "1".repeat(MANY - 10)),
        format!("0x{}", "f".repeat(MANY - 10)),
        r"\".repeat(MANY),
        format!("'{}'", r"\x41".repeat(20_000)),
        format!("'{}'", r"\u00e9".repeat(10_000)),
        format!("[{}]", vec!["1"; 40_000].join(",")),
        format!("[{}].distinct()", vec!["1.5"; 20_000].join(",")),
        format!("{{{}}}", (0..1_000).map(|i| format!("{i}:1")).collect::<Vec<_>>().join(",")),
        format!("x.f({})", vec!["1"; 40_000].join(",")),
        format!("'a' in [{}]", vec!["'b'"; 20_000].join(",")),
        format!("'%s{}'.format([1])", "%s".repeat(30_000)),
        format!("duration('{}h')", "1".repeat(MANY - 20)),
        format!("timestamp('{}')", "1".repeat(MANY - 20)),
    ] {
        returns(text);
    }
}

#[test]
fn patterns_return() {
    for pattern in [
        "(".repeat(40_000),
        "(".repeat(40_000) + &")".repeat(40_000),
        "(a*)*".repeat(10_000),
        "a{1000}".repeat(1_000),
        "(((a{100}){100}){100}){100}".to_owned(),
        "[a-".repeat(20_000),
        r"\\p{L}".repeat(10_000),
        "|".repeat(MANY - 30),
        "a**".repeat(20_000),
    ] {
        returns(format!("'aaaa'.matches('{pattern}')"));
        returns(format!("'aaaa'.matches(dyn('{pattern}'))"));
    }
}

#[test]
fn what_multiplies_returns() {
    let thousand = format!("[{}]", vec!["1"; 1_000].join(","));
    let text = "a".repeat(1_000);
    for source in [
        // Loops in loops.
        format!("{thousand}.all(a, {thousand}.all(b, {thousand}.all(c, {thousand}.all(d, true))))"),
        format!("{thousand}.map(a, {thousand}.map(b, {thousand}.map(c, {thousand})))"),
        format!("{thousand}.map(a, {thousand}.map(b, '{text}' + '{text}'))"),
        format!("{thousand}.filter(a, {thousand}.exists(b, {thousand}.exists_one(c, a == c)))"),
        format!("{thousand}.transformMap(i, a, {thousand}.transformList(j, b, {thousand}))"),
        // What is built grows with each level.
        doubling("x + x", "'aaaaaaaaaaaaaaaa'"),
        doubling("x + x", "[1, 2]"),
        doubling("x + x", "b'a'"),
        doubling("x.replace('', x)", "'ab'"),
        doubling("x.replace('a', x)", "'aa'"),
        doubling("[x, x].map(y, y.join()).join()", "['a', 'b']"),
        doubling("x.map(y, x.size())+x", "[1, 2]"),
        doubling("string(x) + string(x)", "'ab'"),
        doubling("[x, x].flatten()", "[1, 2]"),
        doubling("lists.range(x.size() * 2)", "[1, 2]"),
        doubling("x.split('').join(x)", "'ab'"),
        doubling("base64.encode(bytes(x + x))", "'ab'"),
        doubling("x * x", "3.5"),
    ] {
        returns(source);
    }
}

/// `start`, 40 times replaced by what `step` makes of it.
fn doubling(step: &str, start: &str) -> String {
    format!("cel.bind(x, {start}, ")
        + &format!("cel.bind(x, {step}, ").repeat(40)
        + "x"
        + &")".repeat(41)
}

/// What grows without being written: each ends within the budget of steps and memory.
#[test]
fn what_doubles_returns() {
    for double in [
        "'%s%s'.format([x, x])",
        "string(x) + string(x)",
        "[x, x]",
        "{'a': x, 'b': x}",
        "[x].map(y, [y, y, y])",
        "optional.of([x, x])",
    ] {
        for body in ["x", "x == x", "x in [x, x]", "'%s'.format([x])", "json.encode(x)"] {
            let nested = (0..40)
                .fold(body.to_owned(), |body, _| format!("cel.bind(x, dyn({double}), {body})"));
            returns(format!("cel.bind(x, dyn('ab'), {nested})"));
        }
    }
}

#[test]
fn precisions_and_large_maps_return() {
    for text in [
        "'%.65536f'.format([1.0])",
        "'%.99999999999e'.format([dyn(1.0)])",
        "'%.101f'.format([dyn(1)])",
    ] {
        returns(text);
    }
    let entries: Vec<String> = (0..3_000).map(|n| format!("{n}: {n}")).collect();
    let map = format!("{{{}}}", entries.join(", "));
    returns(format!("cel.bind(m, {map}, lists.range(3000).all(n, m[n] == n))"));
}
