//! Time, measured for several sides in turn, so that a change of the machine's pace meets all of them.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How many samples are taken of each side.
pub const SAMPLES: usize = 41;
/// How long a sample lasts at least.
pub const SAMPLE: Duration = Duration::from_millis(4);

/// How long `turns` turns take.
pub fn repeat<T>(turns: u32, mut turn: impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..turns {
        black_box(turn());
    }
    start.elapsed()
}

/// One side of a comparison: how long so many turns take.
pub type Side<'s> = Box<dyn FnMut(u32) -> Duration + 's>;

/// Nanoseconds of one turn of each side: the median of its samples, which are taken in turn.
#[must_use]
pub fn medians<const N: usize>(mut sides: [Side<'_>; N]) -> [f64; N] {
    let turns = sides.each_mut().map(|side| turns_in_a_sample(side));
    let mut samples = [(); N].map(|()| Vec::with_capacity(SAMPLES));
    for _ in 0..SAMPLES {
        for ((side, turns), samples) in sides.iter_mut().zip(turns).zip(&mut samples) {
            samples.push(side(turns).as_nanos() as f64 / f64::from(turns));
        }
    }
    samples.map(|mut samples| quantile(&mut samples, 0.5))
}

fn turns_in_a_sample(side: &mut Side<'_>) -> u32 {
    let mut turns = 1;
    while side(turns) < SAMPLE {
        turns *= 2;
    }
    turns
}

/// The value below which this part of the samples lies; 0 without samples.
#[must_use]
pub fn quantile(samples: &mut [f64], part: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let at = (samples.len().saturating_sub(1) as f64 * part).round() as usize;
    samples.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_of_the_samples() {
        let mut samples = [5.0, 1.0, 3.0, 2.0, 4.0];
        assert_eq!(quantile(&mut samples, 0.5), 3.0);
        assert_eq!(quantile(&mut samples, 0.0), 1.0);
        assert_eq!(quantile(&mut samples, 1.0), 5.0);
        assert_eq!(quantile(&mut [], 0.5), 0.0);
    }

    #[test]
    fn every_side_is_measured_as_often_as_it_takes() {
        let slow = Box::new(|turns: u32| Duration::from_micros(100) * turns);
        let fast = Box::new(|turns: u32| Duration::from_micros(10) * turns);
        assert_eq!(medians([slow as Side<'_>, fast]), [100_000.0, 10_000.0]);
    }
}
