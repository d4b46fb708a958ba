use tideboard_shared::Point;

/// Points to keep of one pixel column: the first, the lowest, the highest and the last.
const KEPT_PER_COLUMN: usize = 4;

/// Appends to `out` the points that make the same picture when each pixel column is `column_ms` wide.
///
/// Of every column the first, lowest, highest and last point stay, in their order ("M4", Jugel et al., VLDB 2014), so peaks
/// survive and the line enters and leaves each column where it did. Columns are fixed in time, not to the window, so a
/// scrolling chart does not shimmer. `points` must be sorted by time.
pub fn decimate(points: &[Point], column_ms: f64, out: &mut Vec<Point>) {
    let column = |point: &Point| (point.0.0 as f64 / column_ms) as u64;
    for chunk in points.chunk_by(|a, b| column(a) == column(b)) {
        if chunk.len() <= KEPT_PER_COLUMN {
            out.extend_from_slice(chunk);
        } else {
            keep_extremes(chunk, out);
        }
    }
}

fn keep_extremes(chunk: &[Point], out: &mut Vec<Point>) {
    let (mut lowest, mut highest) = (0, 0);
    for (index, Point(_, value)) in chunk.iter().enumerate() {
        if *value < chunk[lowest].1 {
            lowest = index;
        }
        if *value > chunk[highest].1 {
            highest = index;
        }
    }
    let mut keep = [0, lowest.min(highest), lowest.max(highest), chunk.len() - 1].to_vec();
    keep.dedup();
    out.extend(keep.into_iter().map(|index| chunk[index]));
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use tideboard_shared::UnixMs;

    use super::*;

    fn noise(len: u64) -> Vec<Point> {
        // A fixed congruential sequence: the same picture every run.
        let mut state = 12_345_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64
        };
        (0..len).map(|t| Point(UnixMs(1_000_000 + t * 10), next())).collect()
    }

    fn decimated(points: &[Point], column_ms: f64) -> Vec<Point> {
        let mut out = Vec::new();
        decimate(points, column_ms, &mut out);
        out
    }

    #[test]
    fn sparse_points_all_stay() {
        let points = noise(100);
        assert_eq!(decimated(&points, 10.0), points);
    }

    #[test]
    fn dense_points_become_at_most_four_a_column_and_keep_their_order() {
        let points = noise(100_000);
        let kept = decimated(&points, 1_250.0);
        assert!(kept.len() <= (1_000_000 / 1_250 + 1) * KEPT_PER_COLUMN, "{}", kept.len());
        assert!(kept.len() > 800);
        assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(kept.iter().all(|point| points.contains(point)));
    }

    #[test]
    fn every_columns_extremes_and_ends_survive() {
        let points = noise(5_000);
        let kept = decimated(&points, 700.0);
        for column in points.chunk_by(|a, b| a.0.0 / 700 == b.0.0 / 700) {
            let of = |pick: fn(f64, f64) -> f64| column.iter().map(|p| p.1).reduce(pick).unwrap();
            for value in [of(f64::min), of(f64::max), column[0].1, column[column.len() - 1].1] {
                assert!(kept.iter().any(|p| p.1 == value), "{value} was lost");
            }
        }
    }

    #[test]
    fn a_scrolling_window_keeps_the_same_points() {
        let points = noise(20_000);
        let all = decimated(&points, 1_000.0);
        // A later window that starts on a column's border.
        let start = points.iter().position(|p| p.0.0.is_multiple_of(1_000) && p.0.0 > 1_050_000).unwrap();
        let later = decimated(&points[start..], 1_000.0);
        assert!(all.ends_with(&later));
    }
}
