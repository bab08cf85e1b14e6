//! Patterns (section 4).

/// Rules G1, G4 and G6: the full dialect.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    if pattern == name || pattern == "*" {
        return true;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    match parse(&pattern) {
        Some(tokens) => walk(&tokens, &name, &|rest| rest.is_empty()),
        None => false,
    }
}

/// Rule G2: a pattern only with `*`.
pub(super) fn matches_if_starred(pattern: &str, name: &str) -> bool {
    pattern == name || pattern.contains('*') && matches(pattern, name)
}

enum Token {
    Literal(char),
    /// `?`
    One,
    /// `*`, or `**` that crosses `:`.
    Any {
        crosses: bool,
    },
    /// `[..]`: whether it is negated, and its ranges.
    Class(bool, Vec<(char, char)>),
    /// `{a,b}`
    Either(Vec<Vec<Token>>),
}

fn parse(pattern: &[char]) -> Option<Vec<Token>> {
    let mut at = 0;
    let mut branches = sequence(pattern, &mut at, 0)?;
    branches.pop()
}

/// The branches between commas, up to the end or, inside of braces, to the closing one. What is not closed ends with the
/// pattern.
fn sequence(pattern: &[char], at: &mut usize, depth: usize) -> Option<Vec<Vec<Token>>> {
    let mut branches = vec![Vec::new()];
    while let Some(c) = pattern.get(*at) {
        *at += 1;
        let token = match c {
            '*' => {
                let first = *at;
                while pattern.get(*at) == Some(&'*') {
                    *at += 1;
                }
                Token::Any { crosses: *at > first }
            }
            '?' => Token::One,
            '[' => class(pattern, at)?,
            '{' => Token::Either(sequence(pattern, at, depth + 1)?),
            '}' if depth > 0 => return Some(branches),
            ',' if depth > 0 => {
                branches.push(Vec::new());
                continue;
            }
            '\\' => {
                let Some(escaped) = pattern.get(*at) else { continue };
                *at += 1;
                Token::Literal(*escaped)
            }
            c => Token::Literal(*c),
        };
        branches.last_mut()?.push(token);
    }
    Some(branches)
}

/// `[abc]`, `[a-z]`, negated by `!`; anything else is broken.
fn class(pattern: &[char], at: &mut usize) -> Option<Token> {
    let negated = pattern.get(*at) == Some(&'!');
    *at += usize::from(negated);
    let mut members = Vec::new();
    loop {
        let c = *pattern.get(*at)?;
        *at += 1;
        match c {
            ']' => break,
            '\\' => {
                members.push((*pattern.get(*at)?, true));
                *at += 1;
            }
            c => members.push((c, false)),
        }
    }
    let ranges = match members.as_slice() {
        [] => return None,
        [(low, _), ('-', false), (high, _)] if low <= high => vec![(*low, *high)],
        list if list.contains(&('-', false)) => return None,
        list => list.iter().map(|(c, _)| (*c, *c)).collect(),
    };
    Some(Token::Class(negated, ranges))
}

/// Whether the tokens match a beginning of the name with whose rest `then` agrees.
fn walk(tokens: &[Token], name: &[char], then: &dyn Fn(&[char]) -> bool) -> bool {
    let Some((token, tokens)) = tokens.split_first() else { return then(name) };
    let one = |fits: &dyn Fn(char) -> bool| match name.split_first() {
        Some((c, rest)) => fits(*c) && walk(tokens, rest, then),
        None => false,
    };
    match token {
        Token::Literal(c) => one(&|n| n == *c),
        Token::One => one(&|n| n != ':'),
        Token::Class(negated, ranges) => {
            one(&|n| ranges.iter().any(|(low, high)| (*low..=*high).contains(&n)) != *negated)
        }
        Token::Any { crosses } => {
            let most = name.iter().take_while(|c| *crosses || **c != ':').count();
            (0..=most).any(|count| walk(tokens, name.get(count..).unwrap_or_default(), then))
        }
        Token::Either(branches) => {
            branches.iter().any(|branch| walk(branch, name, &|rest| walk(tokens, rest, then)))
        }
    }
}
