//! SPIFFE identities, trust domains and matchers (docs/semantics.md, rule F24 and F25).

use super::super::spiffe::{Id, Matcher, Spiffe, trust_domain};
use super::super::vals::V;
use super::texts::{Texts, text};
use super::{Eval, EvalError, Evaluated, Library, global, member, no_overload};

pub(super) const LIBRARY: Library = Library {
    title: "SPIFFE",
    rows: &[
        global(
            "spiffeID",
            "string -> spiffe_id",
            id,
            "spiffeID('spiffe://acme.com/web').path() == '/web'",
        ),
        member("path", "spiffe_id -> string", path, "spiffeID('spiffe://acme.com').path() == ''")
            .by_receiver(),
        member(
            "trustDomain",
            "spiffe_id -> spiffe_trust_domain",
            domain_of,
            "spiffeID('spiffe://acme.com/web').trustDomain() == spiffeTrustDomain('acme.com')",
        )
        .by_receiver(),
        member(
            "isMemberOf",
            "spiffe_id, spiffe_trust_domain -> bool",
            is_member_of,
            "spiffeID('spiffe://acme.com/web').isMemberOf(spiffeTrustDomain('acme.com'))",
        )
        .by_receiver(),
        global(
            "spiffeTrustDomain",
            "string -> spiffe_trust_domain",
            domain,
            "spiffeTrustDomain('spiffe://acme.com/web') == spiffeTrustDomain('acme.com')",
        ),
        member(
            "name",
            "spiffe_trust_domain -> string",
            name,
            "spiffeTrustDomain('spiffe://acme.com').name() == 'acme.com'",
        )
        .by_receiver(),
        member(
            "id",
            "spiffe_trust_domain -> string",
            itself,
            "spiffeTrustDomain('acme.com').id() == 'spiffe://acme.com'",
        )
        .by_receiver(),
        global(
            "spiffeMatchAny",
            "-> spiffe_matcher",
            match_any,
            "spiffeMatchAny().matchesID('spiffe://acme.com/web')",
        ),
        global(
            "spiffeMatchExact",
            "spiffe_id -> spiffe_matcher",
            match_exact,
            "!spiffeMatchExact(spiffeID('spiffe://acme.com/web')).matchesID('spiffe://acme.com')",
        ),
        global(
            "spiffeMatchExact",
            "string -> spiffe_matcher",
            match_exact,
            "spiffeMatchExact('spiffe://acme.com/web').matchesID('spiffe://acme.com/web')",
        ),
        global(
            "spiffeMatchOneOf",
            "list(spiffe_id) -> spiffe_matcher",
            match_one_of,
            "spiffeMatchOneOf([spiffeID('spiffe://acme.com/a')]).matchesID('spiffe://acme.com/a')",
        ),
        global(
            "spiffeMatchOneOf",
            "list(string) -> spiffe_matcher",
            match_one_of,
            "spiffeMatchOneOf(['spiffe://acme.com/a']).matchesID('spiffe://acme.com/a')",
        ),
        global(
            "spiffeMatchTrustDomain",
            "spiffe_trust_domain -> spiffe_matcher",
            match_domain,
            "spiffeMatchTrustDomain(spiffeTrustDomain('acme.com')).matchesID('spiffe://acme.com/a')",
        ),
        global(
            "spiffeMatchTrustDomain",
            "string -> spiffe_matcher",
            match_domain,
            "spiffeMatchTrustDomain('acme.com').matchesID('spiffe://acme.com/a')",
        ),
        member(
            "matchesID",
            "spiffe_matcher, spiffe_id -> bool",
            matches_id,
            "spiffeMatchAny().matchesID(spiffeID('spiffe://acme.com/web'))",
        )
        .by_receiver(),
        member(
            "matchesID",
            "spiffe_matcher, string -> bool",
            matches_id,
            "spiffeMatchAny().matchesID('spiffe://acme.com/web')",
        )
        .by_receiver(),
    ],
};

const NO_ID: &str = "failed to parse SPIFFE ID";

fn made<'a>(eval: &Eval<'a, '_>, value: Spiffe<'a>) -> V<'a> {
    V::Spiffe(eval.arena().one(value))
}

fn read_id<'a>(eval: &Eval<'a, '_>, text: &'a str, failed: &str) -> Result<Id<'a>, EvalError<'a>> {
    eval.step(text.len() / 16)?;
    Id::parse(text).map_err(|flaw| eval.invalid(format_args!("{failed}: {flaw}")))
}

fn read_domain<'a>(eval: &Eval<'a, '_>, text: &'a str) -> Result<&'a str, EvalError<'a>> {
    eval.step(text.len() / 16)?;
    trust_domain(text)
        .map_err(|flaw| eval.invalid(format_args!("failed to parse SPIFFE trust domain: {flaw}")))
}

fn id<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(text)] => Ok(made(eval, Spiffe::Id(read_id(eval, text, NO_ID)?))),
        _ => no_overload(),
    }
}

fn path<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Spiffe(Spiffe::Id(id))] => Ok(V::Str(id.path)),
        _ => no_overload(),
    }
}

fn domain_of<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Spiffe(Spiffe::Id(id))] => Ok(made(eval, Spiffe::TrustDomain(id.domain))),
        _ => no_overload(),
    }
}

fn is_member_of<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Spiffe(Spiffe::Id(id)), V::Spiffe(Spiffe::TrustDomain(name))] => {
            Ok(V::Bool(id.domain == *name))
        }
        _ => no_overload(),
    }
}

fn domain<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Str(text)] => Ok(made(eval, Spiffe::TrustDomain(read_domain(eval, text)?))),
        _ => no_overload(),
    }
}

fn name<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [V::Spiffe(Spiffe::TrustDomain(name))] => Ok(V::Str(name)),
        _ => no_overload(),
    }
}

/// Declared to give a string. But Cerbos runs its function `id(x)`, which gives the trust domain (rule F25).
fn itself<'a>(_: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    args.first().copied().ok_or(EvalError::NoSuchOverload)
}

fn matcher<'a>(eval: &Eval<'a, '_>, matcher: Matcher<'a>) -> V<'a> {
    made(eval, Spiffe::Matcher(matcher))
}

fn match_any<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    match args {
        [] => Ok(matcher(eval, Matcher::Any)),
        _ => no_overload(),
    }
}

fn match_exact<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let id = match args {
        [V::Spiffe(Spiffe::Id(id))] => *id,
        [V::Str(text)] => read_id(eval, text, NO_ID)?,
        _ => return no_overload(),
    };
    Ok(matcher(eval, Matcher::OneOf(eval.arena().slice(&[id.text]))))
}

/// What is no identity among them is told as a wrong type (rule F24).
fn match_one_of<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::List(list)] = args else { return no_overload() };
    eval.step(list.len())?;
    if !matches!(list.get(0), None | Some(V::Str(_) | V::Spiffe(Spiffe::Id(_)))) {
        return no_overload();
    }
    let mut ids = Texts::with_capacity(list.len());
    for item in list.iter() {
        let id = text(eval, item).and_then(|text| read_id(eval, text, NO_ID));
        match id {
            Ok(id) => ids.push(id.text),
            Err(error @ EvalError::StepsExhausted) => return Err(error),
            Err(_) => return no_overload(),
        }
    }
    Ok(matcher(eval, Matcher::OneOf(eval.arena().slice(&ids))))
}

fn match_domain<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let name = match args {
        [V::Spiffe(Spiffe::TrustDomain(name))] => name,
        [V::Str(text)] => read_domain(eval, text)?,
        _ => return no_overload(),
    };
    Ok(matcher(eval, Matcher::TrustDomain(name)))
}

fn matches_id<'a>(eval: &mut Eval<'a, '_>, args: &[V<'a>]) -> Evaluated<'a> {
    let [V::Spiffe(Spiffe::Matcher(matcher)), id] = args else { return no_overload() };
    let id = match id {
        V::Spiffe(Spiffe::Id(id)) => *id,
        V::Str(text) => read_id(eval, text, "invalid SPIFFE ID")?,
        _ => return no_overload(),
    };
    if let Matcher::OneOf(ids) = matcher {
        eval.step(ids.len())?;
    }
    Ok(V::Bool(matcher.matches(&id)))
}

#[cfg(test)]
mod tests {
    use crate::cel::tests::check_bare;

    #[test]
    fn what_cannot_be_read_is_an_error_and_never_a_mismatch() {
        check_bare(
            "spiffeID('a')",
            "error: failed to parse SPIFFE ID: scheme is missing or invalid",
        );
        check_bare("spiffeMatchExact('')", "error: failed to parse SPIFFE ID: cannot be empty");
        check_bare(
            "spiffeTrustDomain('')",
            "error: failed to parse SPIFFE trust domain: trust domain is missing",
        );
        check_bare(
            "spiffeMatchAny().matchesID('a')",
            "error: invalid SPIFFE ID: scheme is missing or invalid",
        );
        check_bare("spiffeMatchOneOf(['spiffe://a/b', 'x'])", "error: no such overload");
        check_bare("spiffeMatchOneOf([dyn(1)])", "error: no such overload: spiffeMatchOneOf(list)");
        check_bare(
            "spiffeID(dyn(spiffeID('spiffe://a')))",
            "error: no such overload: spiffeID(cerbos.lib.spiffeID)",
        );
        check_bare("spiffeID('spiffe://a').isMemberOf(dyn('a'))", "error: no such overload");
    }

    #[test]
    fn a_matcher_matches_by_whole_text_or_by_trust_domain() {
        check_bare("spiffeMatchExact('spiffe://a/b').matchesID('spiffe://a/c')", "false");
        check_bare("spiffeMatchOneOf([]).matchesID('spiffe://a/b')", "false");
        check_bare(
            "spiffeMatchOneOf(['spiffe://a/b', 'spiffe://a/c']).matchesID('spiffe://a/c')",
            "true",
        );
        check_bare(
            "spiffeMatchOneOf([dyn('spiffe://a/c'), spiffeID('spiffe://a/b')]).matchesID('spiffe://a/b')",
            "true",
        );
        check_bare("spiffeMatchTrustDomain('spiffe://a/x').matchesID('spiffe://a/b')", "true");
        check_bare("spiffeMatchTrustDomain('a').matchesID('spiffe://a.b/b')", "false");
    }

    #[test]
    fn a_matcher_equals_nothing() {
        check_bare("spiffeMatchAny() == spiffeMatchAny()", "false");
        check_bare("spiffeMatchAny() != spiffeMatchAny()", "true");
        check_bare("spiffeMatchAny() in [spiffeMatchAny()]", "false");
        check_bare("[spiffeMatchAny()] == [spiffeMatchAny()]", "false");
    }

    #[test]
    fn names_equal_strings_behind_them_and_strings_equal_no_names() {
        check_bare("dyn(spiffeID('spiffe://a/b')) == dyn('spiffe://a/b')", "true");
        check_bare("dyn('spiffe://a/b') == dyn(spiffeID('spiffe://a/b'))", "false");
        check_bare("dyn(spiffeID('spiffe://a/b')) in ['spiffe://a/b']", "true");
        check_bare("dyn('spiffe://a/b') in [spiffeID('spiffe://a/b')]", "false");
        check_bare("dyn(spiffeTrustDomain('a')) == dyn('spiffe://a/b')", "true");
        check_bare("dyn(spiffeTrustDomain('a')) == dyn('A')", "false");
        check_bare("isSubset([dyn(spiffeID('spiffe://a'))], [dyn('spiffe://a')])", "true");
        check_bare("isSubset([dyn('spiffe://a')], [dyn(spiffeID('spiffe://a'))])", "false");
        check_bare("[dyn('spiffe://a'), spiffeID('spiffe://a')].distinct().size()", "1");
        check_bare("dyn('spiffe://a/b') in {dyn(spiffeID('spiffe://a/b')): 1}", "false");
        check_bare(
            "spiffeID('spiffe://a/b') == 'spiffe://a/b'",
            "compile: `==` does not take `spiffe_id` and `string`",
        );
    }

    #[test]
    fn names_and_other_values_have_no_equality() {
        check_bare("dyn(spiffeTrustDomain('a')) == dyn(1)", "error: no such overload");
        check_bare(
            "dyn(spiffeTrustDomain('a')) == dyn(spiffeID('spiffe://a'))",
            "error: no such overload",
        );
        check_bare("dyn(spiffeTrustDomain('a')) != dyn(1)", "true");
        check_bare("dyn(spiffeTrustDomain('a')) == null", "false");
        check_bare("dyn(1) == dyn(spiffeTrustDomain('a'))", "false");
    }

    #[test]
    fn the_id_of_a_trust_domain_is_the_trust_domain() {
        check_bare("spiffeTrustDomain('a').id() == 'spiffe://a'", "true");
        check_bare("spiffeTrustDomain('a').id() == 'a'", "true");
        check_bare("'spiffe://a' == spiffeTrustDomain('a').id()", "false");
        check_bare("spiffeTrustDomain('a').id() + 'x'", "error: no such overload");
    }

    #[test]
    fn trust_domains_have_an_order_and_identities_have_none() {
        check_bare("dyn(spiffeTrustDomain('a')) < dyn(spiffeTrustDomain('b'))", "false");
        check_bare("dyn(spiffeTrustDomain('b')) < dyn(spiffeTrustDomain('a'))", "true");
        check_bare("dyn(spiffeTrustDomain('a')) > dyn('b')", "true");
        check_bare("dyn('a') < dyn(spiffeTrustDomain('b'))", "error: no such overload");
        check_bare(
            "spiffeTrustDomain('a') < spiffeTrustDomain('b')",
            "compile: `<` does not take `spiffe_trust_domain` and `spiffe_trust_domain`",
        );
    }

    #[test]
    fn they_are_of_their_own_types() {
        check_bare("type(spiffeID('spiffe://a')) == cerbos.lib.spiffeID", "true");
        check_bare("type(spiffeTrustDomain('a')) == cerbos.lib.spiffeTrustDomain", "true");
        check_bare("type(spiffeMatchAny()) == cerbos.lib.spiffeMatcher", "true");
        check_bare(
            "string(dyn(spiffeTrustDomain('a')))",
            "error: no such overload: string(cerbos.lib.spiffeTrustDomain)",
        );
    }
}
