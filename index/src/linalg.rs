//! The little dense linear algebra that the latent space needs, without LAPACK.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

/// Eigenvalues (descending) and eigenvectors (columns) of a symmetric matrix.
///
/// Cyclic Jacobi (Golub & Van Loan, *Matrix Computations*, 8.5): slow beyond a few hundred rows,
/// exact to rounding, and no more than a page.
pub fn symmetric_eigen(matrix: Array2<f64>) -> (Array1<f64>, Array2<f64>) {
    const MAX_SWEEPS: usize = 30;
    let n = matrix.nrows();
    let mut a = matrix;
    // Rows of `v` are eigenvectors while rotating: rows are contiguous.
    let mut v = Array2::<f64>::eye(n);
    let scale = a.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    for _ in 0..MAX_SWEEPS {
        let off: f64 = a.indexed_iter().filter(|((i, j), _)| i != j).map(|(_, x)| x * x).sum();
        if off.sqrt() <= 1e-12 * scale {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[[j, j]].total_cmp(&a[[i, i]]));
    let values = order.iter().map(|&i| a[[i, i]]).collect();
    (values, v.select(Axis(0), &order).reversed_axes())
}

/// One Jacobi rotation that makes `a[p, q]` zero.
fn rotate(a: &mut Array2<f64>, v: &mut Array2<f64>, p: usize, q: usize) {
    let apq = a[[p, q]];
    if apq == 0.0 {
        return;
    }
    let theta = (a[[q, q]] - a[[p, p]]) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let t = if theta == 0.0 { 1.0 } else { t };
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    rotate_rows(a, p, q, c, s);
    let n = a.nrows();
    for k in 0..n {
        let (x, y) = (a[[k, p]], a[[k, q]]);
        a[[k, p]] = c * x - s * y;
        a[[k, q]] = s * x + c * y;
    }
    rotate_rows(v, p, q, c, s);
}

fn rotate_rows(m: &mut Array2<f64>, p: usize, q: usize, c: f64, s: f64) {
    let (mut row_p, mut row_q) = m.multi_slice_mut((s![p, ..], s![q, ..]));
    ndarray::Zip::from(&mut row_p).and(&mut row_q).for_each(|x, y| {
        let (old_x, old_y) = (*x, *y);
        *x = c * old_x - s * old_y;
        *y = s * old_x + c * old_y;
    });
}

/// An orthonormal basis of the columns of `y`; directions that vanish are dropped.
///
/// Y·W·Λ^(−1/2) with YᵀY = W·Λ·Wᵀ, the sum taken in f64.
pub fn orthonormal(y: ArrayView2<'_, f32>) -> Array2<f32> {
    let (values, vectors) = symmetric_eigen(gram(y));
    let floor = values.first().copied().unwrap_or(0.0) * 1e-10;
    let kept = values.iter().take_while(|&&l| l > floor && l > 0.0).count();
    let mut basis = vectors.slice(s![.., ..kept]).to_owned();
    for (mut column, value) in basis.columns_mut().into_iter().zip(&values) {
        column /= value.sqrt();
    }
    y.dot(&basis.mapv(|x| x as f32))
}

/// YᵀY in f64, summed over blocks of rows so that f32 products keep their precision.
pub fn gram(y: ArrayView2<'_, f32>) -> Array2<f64> {
    const BLOCK: usize = 1024;
    let mut sum = Array2::<f64>::zeros((y.ncols(), y.ncols()));
    for block in y.axis_chunks_iter(Axis(0), BLOCK) {
        let block = block.mapv(f64::from);
        sum += &block.t().dot(&block);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn eigen_rebuilds_the_matrix() {
        let a = array![[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 1.0]];
        let (values, vectors) = symmetric_eigen(a.clone());
        let rebuilt = vectors.dot(&Array2::from_diag(&values)).dot(&vectors.t());
        assert!((&rebuilt - &a).iter().all(|d| d.abs() < 1e-9), "{rebuilt}");
        assert!(values[0] >= values[1] && values[1] >= values[2]);
    }

    #[test]
    fn orthonormal_columns_are_orthonormal_and_drop_dependent_ones() {
        let y = array![[1.0_f32, 2.0, 2.0], [0.0, 1.0, 0.0], [3.0, 0.0, 6.0], [1.0, 1.0, 2.0]];
        let q = orthonormal(y.view());
        assert_eq!(q.ncols(), 2, "the third column is twice the first");
        let identity = q.t().dot(&q);
        assert!((&identity - &Array2::<f32>::eye(2)).iter().all(|d| d.abs() < 1e-4), "{identity}");
    }
}
