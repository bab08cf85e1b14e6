//! Every operator, macro and function, as lines to generate from.
//!
//! `TYPE.name(TYPE, ..): TYPE` is a member, `name(TYPE, ..): TYPE` a function (`::` where its name could be taken
//! for a type's), `op NAME (TYPE, ..): TYPE` is written in a way of its own. `x: TYPE` binds a name for the
//! parameters after it. `@pool` names interesting constants; capital letters are type parameters.

use super::types::Ty;

/// A group of lines, and how often it is chosen.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) weight: u32,
    lines: &'static str,
}

#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) line: &'static str,
    pub(crate) group: usize,
    pub(crate) form: Form,
    pub(crate) name: &'static str,
    /// Receiver first.
    pub(crate) params: Vec<Param>,
    pub(crate) result: Ty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Operator,
    Function,
    Member,
}

#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) binds: bool,
    pub(crate) ty: Ty,
}

pub(crate) const GROUPS: [Group; 17] = [
    Group {
        name: "operators",
        weight: 26,
        lines: "
op == (A, A): bool
op != (A, A): bool
op == (dyn, A): bool
op == (A, dyn): bool
op < (C, C): bool
op <= (C, C): bool
op > (C, C): bool
op >= (C, C): bool
op < (N, M): bool
op <= (N, M): bool
op > (N, M): bool
op >= (dyn, N): bool
op && (bool, bool): bool
op || (bool, bool): bool
op && (bool, dyn): bool
op || (dyn, bool): bool
op ! (bool): bool
op neg (int): int
op neg (double): double
op + (int, int): int
op - (int, int): int
op * (int, int): int
op / (int, int): int
op % (int, int): int
op + (uint, uint): uint
op - (uint, uint): uint
op * (uint, uint): uint
op / (uint, uint): uint
op % (uint, uint): uint
op + (double, double): double
op - (double, double): double
op * (double, double): double
op / (double, double): double
op + (string, string): string
op + (bytes, bytes): bytes
op + (list<A>, list<A>): list<A>
op + (timestamp, duration): timestamp
op + (duration, timestamp): timestamp
op - (timestamp, duration): timestamp
op - (timestamp, timestamp): duration
op + (duration, duration): duration
op - (duration, duration): duration
op in (A, list<A>): bool
op in (dyn, list<A>): bool
op in (K, map<K, A>): bool
op ?: (bool, A, A): A
",
    },
    Group {
        name: "access",
        weight: 10,
        lines: "
op [] (list<A>, int@small): A
op [] (list<A>, dyn@small): A
op [] (map<K, A>, K): A
op [] (map<string, A>, string@key): A
op . (map<string, A>): A
op .? (map<string, A>): opt<A>
op .? (opt<map<string, A>>): opt<A>
op [?] (list<A>, int@small): opt<A>
op [?] (map<K, A>, K): opt<A>
op [?] (opt<list<A>>, int@small): opt<A>
op has (map<string, A>): bool
op has (map<string, map<string, A>>): bool
size(list<A>): int
size(map<K, A>): int
list<A>.size(): int
map<K, A>.size(): int
",
    },
    Group {
        name: "conversions",
        weight: 8,
        lines: "
int(int): int
int(uint@edge): int
int(double@edge): int
int(string@number): int
int(timestamp): int
uint(int@edge): uint
uint(uint): uint
uint(double@edge): uint
uint(string@number): uint
double(int@edge): double
double(uint@edge): double
double(double): double
double(string@number): double
string(int@edge): string
string(uint@edge): string
string(double@edge): string
string(string): string
string(bytes): string
string(bool): string
string(timestamp): string
string(duration): string
string(ip): string
string(cidr): string
bytes(bytes): bytes
bytes(string): bytes
bool(bool): bool
bool(string@bool): bool
duration(string@duration): duration
duration(duration): duration
timestamp(string@timestamp): timestamp
timestamp(timestamp): timestamp
timestamp(int@edge): timestamp
type(A): type
dyn(A): dyn
id(A): A
",
    },
    Group {
        name: "macros",
        weight: 14,
        lines: "
list<A>.all(x: A, bool): bool
list<A>.exists(x: A, bool): bool
list<A>.exists_one(x: A, bool): bool
list<A>.existsOne(x: A, bool): bool
list<A>.filter(x: A, bool): list<A>
list<A>.map(x: A, B): list<B>
list<A>.map(x: A, bool, B): list<B>
map<K, A>.all(x: K, bool): bool
map<K, A>.exists(x: K, bool): bool
map<K, A>.exists_one(x: K, bool): bool
map<K, A>.filter(x: K, bool): list<K>
map<K, A>.map(x: K, B): list<B>
list<A>.all(x: int, y: A, bool): bool
list<A>.exists(x: int, y: A, bool): bool
list<A>.existsOne(x: int, y: A, bool): bool
list<A>.exists_one(x: int, y: A, bool): bool
list<A>.transformList(x: int, y: A, B): list<B>
list<A>.transformList(x: int, y: A, bool, B): list<B>
list<A>.transformMap(x: int, y: A, B): map<int, B>
list<A>.transformMap(x: int, y: A, bool, B): map<int, B>
list<A>.transformMapEntry(x: int, y: A, map<K, B>): map<K, B>
list<A>.transformMapEntry(x: int, y: A, bool, map<K, B>): map<K, B>
map<K, A>.all(x: K, y: A, bool): bool
map<K, A>.exists(x: K, y: A, bool): bool
map<K, A>.existsOne(x: K, y: A, bool): bool
map<K, A>.transformList(x: K, y: A, B): list<B>
map<K, A>.transformMap(x: K, y: A, B): map<K, B>
map<K, A>.transformMap(x: K, y: A, bool, B): map<K, B>
map<L, A>.transformMapEntry(x: L, y: A, map<K, B>): map<K, B>
map<L, A>.transformMapEntry(x: L, y: A, bool, map<K, B>): map<K, B>
cel.bind(x: A, A, B): B
",
    },
    Group {
        name: "optionals",
        weight: 7,
        lines: "
optional.of(A): opt<A>
optional.ofNonZeroValue(A): opt<A>
optional.none(): opt<A>
opt<A>.hasValue(): bool
opt<A>.value(): A
opt<A>.or(opt<A>): opt<A>
opt<A>.orValue(A): A
opt<A>.optMap(x: A, B): opt<B>
opt<A>.optFlatMap(x: A, opt<B>): opt<B>
optional.unwrap(list<opt<A>>): list<A>
list<opt<A>>.unwrapOpt(): list<A>
list<A>.first(): opt<A>
list<A>.last(): opt<A>
",
    },
    Group {
        name: "strings",
        weight: 14,
        lines: "
size(string): int
string.size(): int
size(bytes): int
bytes.size(): int
string.contains(string@part): bool
string.startsWith(string@part): bool
string.endsWith(string@part): bool
string.charAt(int@index): string
string.indexOf(string@part): int
string.indexOf(string@part, int@index): int
string.lastIndexOf(string@part): int
string.lastIndexOf(string@part, int@index): int
string.lowerAscii(): string
string.upperAscii(): string
string.replace(string@part, string): string
string.replace(string@part, string, int@index): string
string.split(string@part): list<string>
string.split(string@part, int@index): list<string>
string.substring(int@index): string
string.substring(int@index, int@index): string
string.trim(): string
string.reverse(): string
strings.quote(string): string
list<string>.join(): string
list<string>.join(string@part): string
op format (): string
op format (): string
",
    },
    Group {
        name: "lists",
        weight: 6,
        lines: "
list<A>.slice(int@small, int@small): list<A>
list<list<A>>.flatten(): list<A>
list<list<A>>.flatten(int@small): list<A>
list<list<list<A>>>.flatten(int@small): list<A>
list<A>.distinct(): list<A>
list<A>.reverse(): list<A>
list<C>.sort(): list<C>
list<A>.sortBy(x: A, C): list<A>
lists.range(int@small): list<int>
",
    },
    Group {
        name: "math",
        weight: 9,
        lines: "
math.greatest(N): N
math.greatest(N, N): N
math.greatest(N, N, N): N
math.greatest(list<N>): N
math.greatest(N, M): dyn
math.least(N): N
math.least(N, N): N
math.least(N, N, N): N
math.least(list<N>): N
math.least(N, M): dyn
math.ceil(double@edge): double
math.floor(double@edge): double
math.round(double@edge): double
math.trunc(double@edge): double
math.sqrt(N): double
math.abs(N): N
math.sign(N): N
math.isNaN(double): bool
math.isInf(double): bool
math.isFinite(double): bool
math.bitAnd(int@edge, int@edge): int
math.bitAnd(uint@edge, uint@edge): uint
math.bitOr(int@edge, int@edge): int
math.bitOr(uint@edge, uint@edge): uint
math.bitXor(int@edge, int@edge): int
math.bitXor(uint@edge, uint@edge): uint
math.bitNot(int@edge): int
math.bitNot(uint@edge): uint
math.bitShiftLeft(int@edge, int@shift): int
math.bitShiftLeft(uint@edge, int@shift): uint
math.bitShiftRight(int@edge, int@shift): int
math.bitShiftRight(uint@edge, int@shift): uint
",
    },
    Group {
        name: "sets",
        weight: 4,
        lines: "
sets.contains(list<A>, list<A>): bool
sets.equivalent(list<A>, list<A>): bool
sets.intersects(list<A>, list<A>): bool
",
    },
    Group {
        name: "cerbos lists",
        weight: 6,
        lines: "
hasIntersection(list<A>, list<A>): bool
has_intersection(list<A>, list<A>): bool
list<A>.hasIntersection(list<A>): bool
list<A>.has_intersection(list<A>): bool
isSubset(list<A>, list<A>): bool
is_subset(list<A>, list<A>): bool
list<A>.isSubset(list<A>): bool
list<A>.is_subset(list<A>): bool
intersect(list<A>, list<A>): list<A>
list<A>.intersect(list<A>): list<A>
except(list<A>, list<A>): list<A>
list<A>.except(list<A>): list<A>
",
    },
    Group {
        name: "encoders",
        weight: 4,
        lines: "
base64.encode(bytes): string
base64.decode(string@base64): bytes
json.encode(A): string
json.encode(map<string, A>): string
json.encode(dyn): string
",
    },
    Group {
        name: "regex",
        weight: 6,
        lines: "
string.matches(string@regex): bool
matches(string, string@regex): bool
regex.replace(string, string@regex, string@template): string
regex.replace(string, string@regex, string@template, int@small): string
regex.extract(string, string@regex): opt<string>
regex.extractAll(string, string@regex): list<string>
",
    },
    Group {
        name: "network",
        weight: 7,
        lines: "
ip(string@ip): ip
isIP(string@ip): bool
::ip.isCanonical(string@ip): bool
ip.family(): int
ip.isLoopback(): bool
ip.isGlobalUnicast(): bool
ip.isLinkLocalUnicast(): bool
ip.isLinkLocalMulticast(): bool
ip.isUnspecified(): bool
cidr(string@cidr): cidr
isCIDR(string@cidr): bool
cidr.containsIP(ip): bool
cidr.containsIP(string@ip): bool
cidr.containsCIDR(cidr): bool
cidr.containsCIDR(string@cidr): bool
cidr.ip(): ip
cidr.masked(): cidr
cidr.prefixLength(): int
cidr.isMask(): bool
string@ip.inIPAddrRange(string@cidr): bool
inIPAddrRange(string@ip, string@cidr): bool
",
    },
    Group {
        name: "time",
        weight: 8,
        lines: "
timestamp.getFullYear(): int
timestamp.getFullYear(string@zone): int
timestamp.getMonth(): int
timestamp.getMonth(string@zone): int
timestamp.getDate(): int
timestamp.getDate(string@zone): int
timestamp.getDayOfMonth(): int
timestamp.getDayOfMonth(string@zone): int
timestamp.getDayOfWeek(): int
timestamp.getDayOfWeek(string@zone): int
timestamp.getDayOfYear(): int
timestamp.getDayOfYear(string@zone): int
timestamp.getHours(): int
timestamp.getHours(string@zone): int
timestamp.getMinutes(): int
timestamp.getMinutes(string@zone): int
timestamp.getSeconds(): int
timestamp.getSeconds(string@zone): int
timestamp.getMilliseconds(): int
timestamp.getMilliseconds(string@zone): int
duration.getHours(): int
duration.getMinutes(): int
duration.getSeconds(): int
duration.getMilliseconds(): int
op since (): bool
",
    },
    Group {
        name: "hierarchy",
        weight: 5,
        lines: "
hierarchy(string@hierarchy): hierarchy
hierarchy(string@hierarchy, string@part): hierarchy
hierarchy(list<string>): hierarchy
hierarchy.ancestorOf(hierarchy): bool
hierarchy.descendentOf(hierarchy): bool
hierarchy.commonAncestors(hierarchy): hierarchy
hierarchy.immediateParentOf(hierarchy): bool
hierarchy.immediateChildOf(hierarchy): bool
hierarchy.siblingOf(hierarchy): bool
hierarchy.overlaps(hierarchy): bool
hierarchy.size(): int
op [] (hierarchy, int@small): string
",
    },
    Group {
        name: "spiffe",
        weight: 5,
        lines: "
spiffeID(string@spiffe): spiffe
spiffe.path(): string
spiffe.trustDomain(): domain
spiffe.isMemberOf(domain): bool
spiffeTrustDomain(string@domain): domain
domain.id(): string
domain.name(): string
spiffeMatchAny(): matcher
spiffeMatchExact(spiffe): matcher
spiffeMatchExact(string@spiffe): matcher
spiffeMatchOneOf(list<spiffe>): matcher
spiffeMatchOneOf(list<string@spiffe>): matcher
spiffeMatchTrustDomain(domain): matcher
spiffeMatchTrustDomain(string@domain): matcher
matcher.matchesID(spiffe): bool
matcher.matchesID(string@spiffe): bool
",
    },
    Group {
        name: "paths",
        weight: 6,
        lines: "
basePath(string@path): string
dirPath(string@path): string
extPath(string@path): string
volumeName(string@path): string
joinPath(list<string@path>): string
relPath(string@path, string@path): string
pathHasPrefix(string@path, string@path): bool
string@path.pathHasPrefix(string@path): bool
pathMatch(string@path, string@glob): bool
string@path.pathMatch(string@glob): bool
pathMatchAnyOf(string@path, list<string@glob>): bool
string@path.pathMatchAnyOf(list<string@glob>): bool
",
    },
];

/// All lines, read.
pub(crate) fn all() -> Vec<Signature> {
    let mut signatures = Vec::new();
    for (group, Group { lines, .. }) in GROUPS.iter().enumerate() {
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let signature = read(line, group);
            signatures
                .push(signature.unwrap_or_else(|| panic!("cannot read the signature {line}")));
        }
    }
    signatures
}

fn read(line: &'static str, group: usize) -> Option<Signature> {
    let (head, rest) = line.split_once('(')?;
    let (list, result) = rest.rsplit_once("): ")?;
    let mut params = Vec::new();
    let (form, name) = if let Some(name) = head.strip_prefix("op ") {
        (Form::Operator, name.trim_end())
    } else if let Some(name) = head.strip_prefix("::") {
        (Form::Function, name)
    } else if let Some((ty, name)) = Ty::parse(head).filter(|(_, rest)| rest.starts_with('.')) {
        params.push(Param { binds: false, ty });
        (Form::Member, name.strip_prefix('.')?)
    } else {
        (Form::Function, head)
    };
    let mut list = list;
    while !list.is_empty() {
        let binder = list.split_once(": ").filter(|(name, _)| name.len() == 1);
        let (ty, rest) = Ty::parse(binder.map_or(list, |(_, rest)| rest))?;
        params.push(Param { binds: binder.is_some(), ty });
        list = rest.strip_prefix(", ").unwrap_or(rest);
    }
    let (result, rest) = Ty::parse(result)?;
    rest.is_empty().then_some(Signature { line, group, form, name, params, result })
}
