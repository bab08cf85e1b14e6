//! Trees, positions and limits.

use super::super::source::Source;
use super::*;

fn parse(name: &str, text: &str) -> Result<Vec<Arc<Node>>, Vec<Diagnostic>> {
    super::parse(&File::new(Source::new(name, text)))
}

fn one(text: &str) -> Arc<Node> {
    let documents = parse("t.yaml", text).unwrap();
    assert_eq!(documents.len(), 1, "{text}");
    documents.into_iter().next().unwrap()
}

fn field<'n>(node: &'n Node, name: &str) -> &'n Node {
    let Content::Mapping(entries) = &node.content else { panic!("not a mapping") };
    &entries.iter().find(|(k, _)| &*k.name == name).unwrap().1
}

fn scalar(node: &Node) -> &Scalar {
    let Content::Scalar(s) = &node.content else { panic!("not a scalar") };
    s
}

#[test]
fn nodes_know_where_they_stand() {
    let node = one("a: 1\nb:\n  - x\n  - y\n");
    let Content::Mapping(entries) = &node.content else { panic!() };
    assert_eq!(entries[1].0.position, Position { line: 2, column: 1 });
    let Content::Sequence(items) = &field(&node, "b").content else { panic!() };
    assert_eq!(items[1].position, Position { line: 4, column: 5 });
}

#[test]
fn a_key_given_twice_is_reported_at_its_second_place() {
    let problems = parse("t.yaml", "a: 1\nb: 2\na: 3\n").unwrap_err();
    assert_eq!(problems[0].code, Code::DuplicateKey);
    assert_eq!(problems[0].position, Position { line: 3, column: 1 });
}

#[test]
fn merge_keys_are_shallow_and_own_keys_win() {
    let node = one("base: &b {x: 1, y: {p: 1}}\nd:\n  y: {q: 2}\n  <<: *b\n");
    let d = field(&node, "d");
    assert_eq!(&*scalar(field(d, "x")).text, "1");
    let Content::Mapping(y) = &field(d, "y").content else { panic!() };
    assert_eq!(y.len(), 1);
}

#[test]
fn an_alias_bomb_is_stopped() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let inner = vec![format!("*a{}", i - 1); 10].join(", ");
        text.push_str(&format!("a{i}: &a{i} [{inner}]\n"));
    }
    assert_eq!(parse("t.yaml", &text).unwrap_err()[0].code, Code::Limit);
}

#[test]
fn deep_nesting_is_stopped() {
    let text = "[".repeat(100_000);
    assert!(parse("t.yaml", &text).is_err());
}

#[test]
fn documents_without_content_do_not_count() {
    let count = |text: &str| parse("t.yaml", text).unwrap().len();
    assert_eq!(count("a: 1\n---\nb: 2\n"), 2);
    assert_eq!(count("---\na: 1\n---\n# b: 2\n"), 1);
    assert_eq!(count("# nothing\n---\na: 1\n...\n"), 1);
    assert_eq!(count("a: 1\n---\nnull\n"), 2);
    assert_eq!(count("# nothing\n"), 0);
    assert_eq!(count("   "), 0);
}

#[test]
fn anchors_live_for_the_whole_file() {
    let documents = parse("t.yaml", "a: &x {k: 1}\n---\nb: *x\n---\nc: &x 2\nd: *x\n").unwrap();
    let Content::Mapping(entries) = &field(&documents[1], "b").content else { panic!() };
    assert_eq!(&*entries[0].0.name, "k");
    assert_eq!(&*scalar(field(&documents[2], "d")).text, "2");
    assert_eq!(parse("t.yaml", "a: *nothing\n").unwrap_err()[0].code, Code::YamlSyntax);
    assert_eq!(parse("t.yaml", "a: &x [*x]\n").unwrap_err()[0].code, Code::YamlSyntax);
}

#[test]
fn a_merge_key_takes_one_mapping() {
    let wrong = |text: &str| parse("t.yaml", text).unwrap_err()[0].code;
    assert_eq!(wrong("a: {<<: [{x: 1}]}\n"), Code::WrongType);
    assert_eq!(wrong("a: {<<: null}\n"), Code::WrongType);
    assert_eq!(wrong("a: &a [1]\nb: {<<: *a}\n"), Code::WrongType);
    assert_eq!(wrong("a:\n  <<: {x: 1}\n  <<: {y: 1}\n"), Code::DuplicateKey);
    let node = one("a: {'<<': {x: 1}}\n");
    assert_eq!(&*scalar(field(field(field(&node, "a"), "<<"), "x")).text, "1");
}

#[test]
fn block_mappings_are_marked_at_their_first_colon() {
    let node = one("a:\n  - bc: 1\n    d: 2\n  - {e: 1}\n  -  f\n");
    let Content::Sequence(items) = &field(&node, "a").content else { panic!() };
    let marks: Vec<_> = items.iter().map(|item| (item.mark.line, item.mark.column)).collect();
    assert_eq!(marks, [(2, 7), (4, 5), (5, 6)]);
    assert_eq!(node.mark, Position { line: 1, column: 2 });
}

#[test]
fn a_byte_order_mark_is_refused() {
    let problems = parse("t.yaml", "\u{feff}a: 1\n").unwrap_err();
    assert_eq!(problems[0].code, Code::YamlSyntax);
}

#[test]
fn line_ends_of_windows_are_as_good() {
    let node = one("a: 1\r\nb:\r\n  - x\r\n");
    let Content::Sequence(items) = &field(&node, "b").content else { panic!() };
    assert_eq!(items[0].position, Position { line: 3, column: 5 });
    assert_eq!(&*scalar(&items[0]).text, "x");
}

#[test]
fn json_is_yaml() {
    let node = one("{\n\t\"a\": \"x\\/y\\u0041\\ud83d\\ude00\",\n\t\"b\": [1,],\n}");
    assert_eq!(&*scalar(field(&node, "a")).text, "x/yA\u{1f600}");
}

#[test]
fn text_after_a_quoted_value_has_its_own_message() {
    let text = "match:\n  expr: \"GB\" in R.attr.x\nother:\n  expr: 'x' == y\n";
    let problems = parse("t.yaml", text).unwrap_err();
    let places: Vec<_> = problems.iter().map(|p| (p.position.line, p.position.column)).collect();
    assert_eq!(places, [(2, 9), (4, 9)]);
    assert!(parse("t.yaml", "match:\n  expr: |-\n    x: \"GB\" in y\n").is_ok());
}

#[track_caller]
fn locates(text: &str, needle: &str) {
    let node = one(text);
    let s = scalar(field(&node, "e"));
    let offset = s.text.find(needle).unwrap();
    let file = File::new(Source::new("t.yaml", text));
    assert_eq!(s.locate(offset, &file), file.position(text.rfind(needle).unwrap()), "in {text:?}");
}

#[test]
fn offsets_in_a_scalar_map_back_to_the_file() {
    locates("e: a.b == ZZ\n", "ZZ");
    locates("e: 'a.b == ''x'' ZZ'\n", "ZZ");
    locates("e: \"a.b == \\\"x\\\" ZZ\"\n", "ZZ");
    locates("e: |-\n  a.b\n    == ZZ\n", "ZZ");
    locates("e: >-\n  a.b ==\n  c &&\n  ZZ\n", "ZZ");
    locates("e: a.b ==\n  ZZ\n", "ZZ");
}

#[test]
fn broken_yaml_says_where() {
    let problems = parse("t.yaml", "a: [1, 2\nb: 3\n").unwrap_err();
    assert_eq!(problems[0].code, Code::YamlSyntax);
    assert!(problems[0].position.line >= 1);
}
