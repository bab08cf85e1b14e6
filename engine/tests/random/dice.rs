//! Where random choices come from: a seed, or the bytes of a fuzzer.

/// Makes choices. The same seed, or the same bytes, make the same ones.
#[derive(Debug)]
pub struct Dice<'a>(Source<'a>);

#[derive(Debug)]
enum Source<'a> {
    Seed(u64),
    /// One byte a choice; when they are used up every choice is the first.
    Bytes(&'a [u8]),
}

impl<'a> Dice<'a> {
    pub fn of_seed(seed: u64) -> Self {
        Self(Source::Seed(seed))
    }

    pub fn of_bytes(bytes: &'a [u8]) -> Self {
        Self(Source::Bytes(bytes))
    }

    /// A number below `count`, 0 if that is 0.
    pub fn below(&mut self, count: usize) -> usize {
        let number = match &mut self.0 {
            Source::Seed(state) => splitmix(state),
            Source::Bytes(bytes) => {
                let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
                *bytes = rest;
                u64::from(*first)
            }
        };
        let count = count.max(1) as u64;
        usize::try_from(number % count).unwrap_or_default()
    }

    /// True this often.
    pub fn chance(&mut self, percent: u32) -> bool {
        // A fuzzer whose bytes are used up gets the simpler of the two.
        self.below(100) >= 100_usize.saturating_sub(percent as usize)
    }

    /// One of a list that is not empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let index = self.below(list.len());
        match list.get(index) {
            Some(item) => *item,
            None => panic!("nothing to pick from"),
        }
    }

    /// One of a list, unless it is empty.
    pub fn pick_ref<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        let index = self.below(list.len());
        list.get(index)
    }

    /// At most `most` different ones of a list, in any order; at least `least` if the list has as many.
    pub fn some<T: Copy + PartialEq>(&mut self, list: &[T], least: usize, most: usize) -> Vec<T> {
        let count = least + self.below(most + 1 - least);
        let mut left = list.to_vec();
        let mut found = Vec::new();
        while found.len() < count && !left.is_empty() {
            let index = self.below(left.len());
            found.push(left.remove(index));
        }
        found
    }
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
