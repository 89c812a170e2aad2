//! The two inner loops of the latent space, compiled twice: for any processor, and for one with
//! AVX2, which is two to five times as fast. Both do the same operations in the same order, and so
//! give the same numbers.

use crate::space::{DIMENSIONS, Vector, norm};

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

/// The sum of vectors, each times its weight.
pub(crate) fn weighted_sum(rows: &[(f32, &Vector)]) -> [f32; DIMENSIONS] {
    fast!(weighted_sum_loop(rows: &[(f32, &Vector)]) -> [f32; DIMENSIONS])
}

#[inline(always)]
fn weighted_sum_loop(rows: &[(f32, &Vector)]) -> [f32; DIMENSIONS] {
    let mut sum = [0.0; DIMENSIONS];
    for (weight, row) in rows {
        for (s, r) in sum.iter_mut().zip(row.iter()) {
            *s += weight * f32::from(*r);
        }
    }
    sum
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
        let rows: Vec<(f32, &Vector)> = (1..).map(|w| 1.0 / w as f32).zip(&vectors).collect();
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
