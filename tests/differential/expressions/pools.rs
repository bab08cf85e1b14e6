//! Interesting constants, by what they are for.

/// Constants that mostly work, and odd ones that mostly do not.
pub(crate) struct Pool {
    pub(crate) good: &'static [&'static str],
    pub(crate) odd: &'static [&'static str],
}

/// The texts of string constants. What no pool is for is any text.
#[rustfmt::skip]
pub(crate) fn strings(name: &str) -> Pool {
    let (good, odd): (&[&str], &[&str]) = match name {
        "part" => (
            &["", "a", "b", ",", "l", "lo", " ", "abc", ".", "/", "é", "😀", "\u{301}", "\n"],
            &["A", "\\", "日本", "%"],
        ),
        "key" => (&["a", "b", "c"], &["missing", "a b", "", "é", "in"]),
        "bool" => (
            &["true", "false", "True", "TRUE", "t", "T", "1", "0", "f", "F", "False", "FALSE"],
            &["", "yes", "tRUE", " true", "2"],
        ),
        "number" => (
            &["0", "1", "-1", "42", "+7", "9223372036854775807", "-9223372036854775808",
                "18446744073709551615", "1.5", "-0", "1e3", "007"],
            &["", " 1", "1_000", "0x10", "9223372036854775808", "18446744073709551616", "1e400", "-1e400",
                "NaN", "nan", "Inf", "-Infinity", "+inf", "infinity", ".5", "5.", "1e", "٣", "0x1p-2", "1.0",
                "-0.0", "1e-400", "4.9e-324", "1u", "--1", "0b1"],
        ),
        "duration" => (
            &["0s", "1s", "1h", "1h30m", "-1.5s", "100ms", "1us", "1ns", "24h", "8760h", "1h2m3.004s",
                "0.000000001s", "-2m", "1m90s"],
            &["0", "", "1", "1d", "+1s", ".5s", "1.s", "1µs", "1μs", "-.5h", "1h-1m", "1e3s", " 1s", "1s ",
                "1S", "2562047h47m16.854775807s", "2562047h47m16.854775808s", "-2562047h47m16.854775808s",
                "9223372036s", "9223372037s", "315576000000s", "1.0000000001s", "s", "-", "0.5ns", "٣s"],
        ),
        "timestamp" => (
            &["2020-01-01T00:00:00Z", "2024-02-29T23:59:59.999999999Z", "2021-04-20T10:05:20-05:00",
                "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.5Z", "0001-01-01T00:00:00Z",
                "9999-12-31T23:59:59.999999999Z", "2023-03-12T07:30:00Z", "2023-11-05T05:59:59Z",
                "2024-03-31T01:00:00Z", "2024-10-27T00:30:00.25Z", "1900-01-01T12:00:00Z",
                "2038-01-19T03:14:08Z", "2020-06-30T23:30:00.120+14:00", "1883-11-18T17:00:00Z",
                "2011-12-30T10:00:00Z", "2020-12-31T23:59:59.999Z", "2021-10-02T15:30:00Z"],
            &["", "2020-01-01", "2020-01-01T00:00:00", "2020-01-01 00:00:00Z", "2020-01-01t00:00:00z",
                "0000-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "2016-12-31T23:59:60Z",
                "2023-02-29T00:00:00Z", "2020-01-01T24:00:00Z", "2020-01-01T00:00:00+24:00",
                "2020-01-01T00:00:00.1234567891Z", "2020-01-01T00:00:00,5Z", "2020-01-01T0:00:00Z",
                "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "2020-01-01T00:00:00+0530",
                "2020-01-01T00:00:00.Z", "2020-01-01T00:00:00-00:00", "2020-13-01T00:00:00Z",
                "2020-01-01T00:00Z", "2020-01-01T00:00:00+23:59"],
        ),
        "zone" => (
            &["UTC", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe",
                "America/St_Johns", "Pacific/Apia", "+05:30", "-03:00", "+14:00", "GMT", "Asia/Calcutta",
                "US/Pacific", "02:00", "-08:00", "Africa/Monrovia", "Etc/GMT+5",
                "America/Argentina/Buenos_Aires"],
            &["", "+5:30", "-00:30", "+24:00", "+99:99", "europe/berlin", "EST", "EST5EDT", "Z", "utc",
                "+0530", "Mars/Olympus", "+05:3", "5:30", "+05", "../UTC", "05:-30", "+-5:30"],
        ),
        "regex" => (
            &["a", "^abc$", "[a-z]+", "(a)(b)?", "(\\w+)@(\\w+)", "\\d+", "^\\d$", "\\s", "\\bfoo\\b",
                "(?i)ABC", "a|b|", ".*", "(?s).+", "[^a]", "x*", "é", "\\pL+", "(l+)", "o", "(?P<n>l)", "^$",
                "a{2,3}", "(?m)^b", "\\.", "[[:alpha:]]+", "(?U)a+", "\\Qa.b\\E", "\\x41", "[\\d-]", "$", ""],
            &["(", "[", "a**", "(?x)a b", "\\p{IsGreek}", "a{1001}", "\\1", "(?=a)", "(?<n>a)", "{", "a{",
                "a{,2}", "[a&&b]", "\\141", "\\z", "\\Z", "\\C", "(?P<n>a)(?P<n>b)", "\\p{Greek}", "[z-a]",
                "*a", "\\", "(?i:é)", "[[:foo:]]", "\\u0041", "\\x{1F600}", "\\h", "\\R", "[]a]", "[^]a]",
                "a++", "(?i)ſ", "\\pN", "\\p{Lu}", "\\P{L}", "\\p{^L}", "[[a]]", "[a~~b]", "[a--b]", "\\<",
                "\\v", "\\K", "(?-i)a", "(?i", "(|a)*", "(?:)+"],
        ),
        "template" => (
            &["", "x", "\\1", "\\0", "[\\1]", "\\\\", "$1", "é"],
            &["\\", "\\2", "\\9", "\\a", "\\10", "${0}", "\\-1"],
        ),
        "ip" => (
            &["1.2.3.4", "127.0.0.1", "::1", "10.0.0.1", "0.0.0.0", "::", "2001:db8::1", "fe80::1",
                "169.254.1.1", "224.0.0.1", "ff02::1", "255.255.255.255", "192.168.1.255",
                "2001:DB8:0:0:0:0:0:1", "fc00::1", "172.16.0.1"],
            &["", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "::ffff:1.2.3.4", "fe80::1%eth0", "1.2.3.4/8",
                "::ffff:0102:0304", " 1.2.3.4", "1.2.3.4 ", "g::", "1:2:3:4:5:6:7:8:9", ":::", "1::2::3",
                "12345::", "::1.2.3.4", "64:ff9b::1.2.3.4", "0x1.2.3.4", "1.2.3.٤", "::FFFF:10.0.0.1"],
        ),
        "cidr" => (
            &["10.0.0.0/8", "192.168.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/32", "127.0.0.0/8",
                "1.2.3.4/32", "10.1.2.3/8", "::1/128", "fe80::/10", "10.0.0.0/9", "fe80::1/64"],
            &["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0/8", "::/129",
                "::ffff:1.2.3.4/96", "fe80::1%eth0/64", "010.0.0.0/8", "/8", "10.0.0.0/+8", "10.0.0.0/8/8",
                "::ffff:10.0.0.0/104", "10.0.0.0/ 8", "::1.2.3.4/128"],
        ),
        "hierarchy" => (
            &["a", "a.b", "a.b.c", "a.b.d", "a.c", "x", "a.b.c.d", "a:b:c", "é.😀"],
            &["", ".", "a.", ".a", "a..b", "abc"],
        ),
        "spiffe" => (
            &["spiffe://example.org/a", "spiffe://example.org", "spiffe://example.org/a/b",
                "spiffe://acme.com/svc", "spiffe://td/x.y-z_1"],
            &["", "example.org/a", "spiffe://", "spiffe:///a", "spiffe://Example.org/a",
                "SPIFFE://example.org/a", "spiffe://example.org/", "spiffe://example.org//a",
                "spiffe://example.org/a/", "spiffe://example.org/./a", "spiffe://example.org/../a",
                "spiffe://example.org/a?b", "spiffe://example.org:80/a", "spiffe://user@example.org/a",
                "https://example.org/a", "spiffe://example.org/%61", "spiffe://example.org/é",
                "spiffe://ex ample/a", "spiffe://example.org/a#f"],
        ),
        "domain" => (
            &["example.org", "acme.com", "spiffe://example.org", "spiffe://acme.com/svc", "td", "a_b-c.d"],
            &["", "Example.org", "spiffe://", "example.org/a", "https://example.org", "example.org:80",
                "é.org", "spiffe://Example.org", "a b", ":", "spiffe:example.org"],
        ),
        "path" => (
            &["/a/b", "/a/b/c.txt", "a/b", "/", ".", "..", "/a/../b", "/a//b/", "a.tar.gz", "/a/b.d/c",
                "a/./b", "../a", "C:\\a\\b", "C:\\a\\b.txt", "\\\\host\\share\\a", "a\\b", "C:\\", "/a",
                "/a/bc", "/a/é", "..a/b", "a b/c"],
            &["", "C:", "C:a", "C:/a", "c:\\A\\..\\b", "\\\\host", "\\\\host\\share", "\\\\?\\C:\\a", "\\a",
                "/..", "//a", "\\", "\\\\", "\\\\.\\COM1", "a\\..\\..\\b", "C:\\a/b", "/.hidden", ".", "...",
                "a/", "D:\\a", "1:\\a", "\\\\\\a", "C:\\a\\", "./a", "a:b", "/a/b/../../..", "NUL",
                "\\\\host/share/a", "CC:\\a", ".bashrc", "a.", "x/.y"],
        ),
        "glob" => (
            &["*", "/a/*", "/a/*/c.txt", "/a/b", "?", "/a/?", "[a-c]*", "*.txt", "a/*", "**", "/a/**",
                "C:\\*\\b", "/a/b*", "[^a]*", "/*/*", "*/*", "a[/]b"],
            &["", "[", "[a", "[]a]", "\\*", "a\\", "[a-]", "[-a]", "[!a]*", "{a,b}", "[z-a]", "[^]", "\\[a",
                "C:\\\\*", "*.t[x-z]t", "[\\]]", "/a/\\b", "a[b", "é*", "[é]"],
        ),
        "base64" => (
            &["", "YQ==", "YWI=", "YWJj", "YQ", "YWI", "/+8=", "4pyT"],
            &["YQ=", "Y", "-_8=", "YW Jj", "YWJj\n", "====", "YQ==YQ==", "é", "YR==", "YQ==="],
        ),
        "number literal" => (&["0"], &[]),
        _ => (
            &["", "a", "abc", "Hello, World", "foo bar", "a,b,,c", "banana", "  spaced  ", "é", "e\u{301}",
                "ß", "日本語", "😀", "a😀b", "line\nbreak", "tab\there", "user@example.com", "2020", "x1y22z333",
                "ABC", "aaa"],
            &["İ", "ǅ", "Σς", "\u{1}", "\u{7f}", "\u{85}", "\u{a0}nbsp\u{a0}", "\u{2028}", "\u{feff}bom",
                "👨\u{200d}👩\u{200d}👧", "🇩🇪", "\"quoted\"", "it's", "back\\slash", "%d %s %%", "\r\n",
                "<a href=\"x\">&amp;</a>", "\u{fffd}", "\u{10ffff}", "\u{b}\u{c}", "\u{1b}[0m", "\u{3000}",
                "ﬁ", "\u{378}", "`", "${x}", "\u{200b}"],
        ),
    };
    Pool { good, odd }
}

/// The literals of numbers, as they are written.
#[rustfmt::skip]
pub(crate) fn numbers(ty: &str, name: &str) -> &'static [&'static str] {
    match (ty, name) {
        ("int", "small") => &["0", "0", "1", "1", "2", "0x1", "3", "-1", "5", "100"],
        ("int", "index") => &["0", "0", "0", "1", "1", "1", "2", "2", "3", "4", "5", "6", "7", "12", "13", "-1", "-2", "100",
            "9223372036854775807", "-9223372036854775808"],
        ("int", "shift") => &["0", "1", "2", "8", "31", "32", "62", "63", "64", "65", "200", "-1",
            "9223372036854775807"],
        ("int", "edge") => &["0", "1", "-1", "42", "-42", "255", "1000000", "2147483648", "-2147483648",
            "4294967296", "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807",
            "-9223372036854775808", "-9223372036854775807", "0x7fffffffffffffff", "0xFF", "-0x10",
            "253402300799", "253402300800", "-62135596800", "-62135596801"],
        ("int", _) => &["0", "1", "2", "3", "5", "7", "10", "-1", "-3", "100", "42", "0x1F"],
        ("uint", "edge") => &["0u", "1u", "2u", "255u", "4294967296u", "9007199254740993u",
            "9223372036854775807u", "9223372036854775808u", "18446744073709551615u", "0xFFu", "7U"],
        ("uint", _) => &["0u", "1u", "2u", "3u", "10u", "42u", "100U", "0x1Fu"],
        (_, "edge") => &["0.0", "-0.0", "0.5", "1.5", "2.5", "-0.5", "-1.5", "-2.5", "0.49999999999999994",
            "1e15", "4503599627370497.5", "9007199254740993.0", "1e18", "9223372036854774784.0",
            "9223372036854775807.0", "-9223372036854775808.0", "-9223372036854777856.0",
            "18446744073709549568.0", "18446744073709551615.0", "1e20", "1e21", "1e22", "1e308",
            "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "1e-4", "1e-5", "1e-7",
            "123456789.125", "0.1", "100000.0", "1000000.0", "10000000.0", "1234567.0", "3.0e2"],
        _ => &["0.0", "1.0", "2.0", "1.5", "-1.5", "0.1", "3.14", "10.0", "1e3", ".5", "100.25", "-0.0"],
    }
}

/// Names of types.
#[rustfmt::skip]
pub(crate) const TYPES: [&str; 17] = [
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "bool",
    "list",
    "map",
    "null_type",
    "type",
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "optional_type",
    "type(1)",
    "type(\"\")",
    "type([])",
    "type(R.attr.s1)",
];

/// Messages that every registry knows, written out.
#[rustfmt::skip]
pub(crate) fn messages(ty: &str) -> &'static [&'static str] {
    match ty {
        "int" => &["google.protobuf.Int64Value{value: 5}", "google.protobuf.Int32Value{value: -1}",
            "google.protobuf.Int64Value{}"],
        "uint" => &["google.protobuf.UInt64Value{value: 5u}", "google.protobuf.UInt32Value{}"],
        "double" => &["google.protobuf.DoubleValue{value: 1.5}", "google.protobuf.Value{number_value: 2.0}",
            "google.protobuf.FloatValue{value: 0.1}"],
        "string" => &["google.protobuf.StringValue{value: \"x\"}", "google.protobuf.Value{string_value: \"y\"}"],
        "bytes" => &["google.protobuf.BytesValue{value: b\"x\"}"],
        "bool" => &["google.protobuf.BoolValue{value: true}", "google.protobuf.BoolValue{}"],
        "null" => &["google.protobuf.Value{}", "google.protobuf.Value{null_value: 0}"],
        "timestamp" => &["google.protobuf.Timestamp{seconds: 100}", "google.protobuf.Timestamp{}"],
        "duration" => {
            &["google.protobuf.Duration{seconds: 100, nanos: 5}", "google.protobuf.Duration{}"]
        }
        _ => &[],
    }
}
