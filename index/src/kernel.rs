//! The two inner loops of the latent space, compiled twice: for any processor, and for one with
//! AVX2, which is two to five times as fast. Both do the same operations in the same order, and so
//! give the same numbers.

use crate::space::{DIMENSIONS, Row, Vector, norm};

/// `fast!(f(arguments))` runs `f` as compiled for AVX2 where there is AVX2. `f` must be
/// `#[inline(always)]`, or nothing of it is compiled anew.
macro_rules! fast {
    ($function:ident($($argument:ident: $type:ty),*) -> $result:ty) => {{
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx2")]
            fn avx2($($argument: $type),*) -> $result {
                $function($($argument),*)
            }
            if std::arch::is_x86_feature_detected!("avx2") {
                #[allow(unsafe_code, reason = "the compiler cannot know the processor")]
                // SAFETY: the processor has AVX2, which is all that the function asks for.
                return unsafe { avx2($($argument),*) };
            }
        }
        $function($($argument),*)
    }};
}

/// Cosine of the query with each of the vectors that lie one after another.
pub(crate) fn cosines(query: &Vector, vectors: &[i8], inverse_norms: &[f32], out: &mut [f32]) {
    fast!(cosines_loop(query: &Vector, vectors: &[i8], inverse_norms: &[f32], out: &mut [f32]) -> ())
}

#[inline(always)]
fn cosines_loop(query: &Vector, vectors: &[i8], inverse_norms: &[f32], out: &mut [f32]) {
    let scale = 1.0 / norm(query);
    let query = query.map(i16::from);
    for ((cosine, vector), inverse) in out.iter_mut().zip(vectors.as_chunks::<DIMENSIONS>().0).zip(inverse_norms) {
        let dot: i32 = query.iter().zip(vector).map(|(x, y)| i32::from(*x) * i32::from(i16::from(*y))).sum();
        *cosine = dot as f32 * inverse * scale;
    }
}

/// The sum of rows, each times its weight.
pub(crate) fn weighted_sum(rows: &[(f32, &Row)]) -> [f32; DIMENSIONS] {
    fast!(weighted_sum_loop(rows: &[(f32, &Row)]) -> [f32; DIMENSIONS])
}

#[inline(always)]
fn weighted_sum_loop(rows: &[(f32, &Row)]) -> [f32; DIMENSIONS] {
    /// Rows whose way from memory is begun before one is added.
    const AHEAD: usize = 16;
    let mut sum = [0.0; DIMENSIONS];
    rows.iter().take(AHEAD).for_each(|(_, row)| fetch(row));
    for (i, (weight, row)) in rows.iter().enumerate() {
        if let Some((_, next)) = rows.get(i + AHEAD) {
            fetch(next);
        }
        for (s, r) in sum.iter_mut().zip(row.0.iter()) {
            *s += weight * f32::from(*r);
        }
    }
    sum
}

/// Asks the processor for the row's two cache lines without waiting for them.
#[inline(always)]
fn fetch(row: &Row) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let line = std::ptr::from_ref(row).cast::<i8>();
        #[allow(unsafe_code, reason = "the compiler does not know that the rows lie at random")]
        // SAFETY: a hint, which is good for any address; both lie in the row.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(line);
            _mm_prefetch::<_MM_HINT_T0>(line.wrapping_add(64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any processor's numbers are the fast one's.
    #[test]
    fn both_compilations_agree() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8 as i8
        };
        let vectors: Vec<Vector> = (0..50).map(|_| std::array::from_fn(|_| next())).collect();
        let rows: Vec<Row> = vectors.iter().copied().map(Row).collect();
        let rows: Vec<(f32, &Row)> = (1..).map(|w| 1.0 / w as f32).zip(&rows).collect();
        assert_eq!(weighted_sum(&rows), weighted_sum_loop(&rows));
        let flat: Vec<i8> = vectors.concat();
        let inverse: Vec<f32> = vectors.iter().map(|v| 1.0 / norm(v)).collect();
        let (mut fast, mut plain) = (vec![0.0; 50], vec![0.0; 50]);
        cosines(&vectors[0], &flat, &inverse, &mut fast);
        cosines_loop(&vectors[0], &flat, &inverse, &mut plain);
        assert_eq!(fast, plain);
        assert!((fast[0] - 1.0).abs() < 1e-6);
    }
}
