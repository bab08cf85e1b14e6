//! `\pL`, `\p{Greek}`: classes by the names that Go has for them.

use super::Rewriter;
use super::class::{Items, RANGE};

/// What the automaton of a Unicode class takes, in characters that are looked for.
const UNICODE_SIZE: usize = 500;
/// General categories of Unicode, by all their names as Go reads them.
const CATEGORIES: &str = "c cc cf cn co l lc ll lm lo lt lu m mc me mn n nd nl no p pc pd pe pf pi po ps s sc sk \
    sm so z zl zp zs casedletter closepunctuation cntrl combiningmark connectorpunctuation control currencysymbol \
    dashpunctuation decimalnumber digit enclosingmark finalpunctuation format initialpunctuation letter letternumber \
    lineseparator lowercaseletter mark mathsymbol modifierletter modifiersymbol nonspacingmark number \
    openpunctuation other otherletter othernumber otherpunctuation othersymbol paragraphseparator privateuse punct \
    punctuation separator spaceseparator spacingmark symbol titlecaseletter unassigned uppercaseletter";

/// Scripts that Go finds by name: those of Unicode 15 with a name of one word.
const SCRIPTS: &str = "adlam ahom arabic armenian avestan balinese bamum batak bengali bhaiksuki bopomofo brahmi \
    braille buginese buhid carian chakma cham cherokee chorasmian common coptic cuneiform cypriot cyrillic deseret \
    devanagari dogra duployan elbasan elymaic ethiopic georgian glagolitic gothic grantha greek gujarati gurmukhi \
    han hangul hanunoo hatran hebrew hiragana inherited javanese kaithi kannada katakana kawi kharoshthi khmer \
    khojki khudawadi lao latin lepcha limbu lisu lycian lydian mahajani makasar malayalam mandaic manichaean marchen \
    medefaidrin miao modi mongolian mro multani myanmar nabataean nandinagari newa nko nushu ogham oriya osage \
    osmanya palmyrene phoenician rejang runic samaritan saurashtra sharada shavian siddham sinhala sogdian soyombo \
    sundanese syriac tagalog tagbanwa takri tamil tangsa tangut telugu thaana thai tibetan tifinagh tirhuta toto \
    ugaritic vai vithkuqi wancho yezidi yi";

impl Rewriter<'_> {
    /// After `\p` or `\P`.
    pub(super) fn unicode(
        &mut self,
        before: &str,
        is_negated: bool,
        items: &mut Items,
    ) -> Result<(), String> {
        let name = match self.next() {
            Some('{') => {
                let Some((name, rest)) = self.rest.split_once('}') else {
                    return Err(format!("{RANGE}: `{before}`"));
                };
                self.rest = rest;
                name.to_owned()
            }
            letter => letter.map(String::from).unwrap_or_default(),
        };
        let (name, is_negated) = match name.strip_prefix('^') {
            Some(name) => (name, !is_negated),
            None => (&*name, is_negated),
        };
        let name: String = name
            .chars()
            .filter(|c| !matches!(c, ' ' | '_' | '-'))
            .collect::<String>()
            .to_lowercase();
        let is_one_of = |names: &str| names.split_ascii_whitespace().any(|known| known == name);
        let class = if is_one_of(CATEGORIES) {
            format!("gc={name}")
        } else if is_one_of(SCRIPTS) {
            format!("sc={name}")
        } else {
            match &*name {
                "any" | "ascii" | "assigned" => name,
                // Surrogates, of which there are none.
                "cs" | "surrogate" => {
                    items.push(if is_negated { r"\p{any}" } else { "" }, 8);
                    return Ok(());
                }
                _ => return Err(self.error(RANGE, before)),
            }
        };
        items.push(&format!(r"\{}{{{class}}}", if is_negated { 'P' } else { 'p' }), UNICODE_SIZE);
        Ok(())
    }
}
