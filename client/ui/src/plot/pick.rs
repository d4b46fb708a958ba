use tideboard_shared::{Point, UnixMs};

use super::{Line, nearest};

/// Points under a crosshair.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pick {
    /// Time at which the crosshair stands: that of the closest point.
    pub at: UnixMs,
    /// The point of each line there; none where the line is broken.
    pub points: Vec<Option<Point>>,
}

/// The points of all lines that are closest in time. None without any points.
#[must_use]
pub fn pick(lines: &[Line], at: UnixMs) -> Option<Pick> {
    let closest = lines.iter().filter_map(|line| nearest(&line.points, at));
    let at = closest.min_by_key(|point| point.0.0.abs_diff(at.0))?.0;
    let of = |line: &Line| nearest(&line.points, at).filter(|point| point.0.0.abs_diff(at.0) <= line.gap_ms / 2);
    Some(Pick { at, points: lines.iter().map(of).collect() })
}

/// The time at which a crosshair stands after a step of at least `step_ms` to later points, or to earlier ones if negative.
/// At the ends it stays.
#[must_use]
pub fn step(lines: &[Line], at: UnixMs, step_ms: i64) -> Option<UnixMs> {
    let goal = at.0.saturating_add_signed(step_ms);
    let found = lines.iter().filter_map(|line| {
        let points = &line.points;
        if step_ms >= 0 {
            points.get(points.partition_point(|point| point.0.0 < goal.max(at.0 + 1)))
        } else {
            points[..points.partition_point(|point| point.0.0 <= goal.min(at.0.saturating_sub(1)))].last()
        }
    });
    let times = found.map(|point| point.0);
    let stepped = if step_ms >= 0 { times.min() } else { times.max() };
    stepped.or_else(|| end(lines, step_ms >= 0))
}

/// The time of the last point, or of the first one.
#[must_use]
pub fn end(lines: &[Line], is_last: bool) -> Option<UnixMs> {
    if is_last {
        lines.iter().filter_map(|line| line.points.last()).map(|point| point.0).max()
    } else {
        lines.iter().filter_map(|line| line.points.first()).map(|point| point.0).min()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn line(times: &[u64]) -> Line {
        Line { points: times.iter().map(|t| Point(UnixMs(*t), *t as f64)).collect(), breaks: Vec::new(), gap_ms: 100 }
    }

    #[test]
    fn a_crosshair_stands_at_a_point_and_shows_each_line_that_is_there() {
        let lines = [line(&[1_000, 2_000]), line(&[1_020, 3_000]), line(&[])];
        let picked = pick(&lines, UnixMs(1_012)).unwrap();
        assert_eq!(picked.at, UnixMs(1_020));
        assert_eq!(picked.points, [Some(Point(UnixMs(1_000), 1_000.0)), Some(Point(UnixMs(1_020), 1_020.0)), None]);
        let picked = pick(&lines, UnixMs(9_999)).unwrap();
        assert_eq!((picked.at, picked.points[0]), (UnixMs(3_000), None), "the first line has ended by then");
        assert_eq!(pick(&[line(&[])], UnixMs(5)), None);
    }

    #[test]
    fn a_step_goes_to_the_next_point_of_any_line_and_stops_at_the_ends() {
        let lines = [line(&[1_000, 2_000, 3_000]), line(&[1_500])];
        let go = |at, by| step(&lines, UnixMs(at), by).unwrap().0;
        assert_eq!([go(1_000, 1), go(1_500, 1), go(3_000, 1)], [1_500, 2_000, 3_000]);
        assert_eq!([go(2_000, -1), go(1_500, -1), go(1_000, -1)], [1_500, 1_000, 1_000]);
        assert_eq!([go(1_000, 700), go(3_000, -700), go(1_000, 9_000)], [2_000, 2_000, 3_000]);
        assert_eq!([end(&lines, true), end(&lines, false)], [Some(UnixMs(3_000)), Some(UnixMs(1_000))]);
        assert_eq!(step(&[line(&[])], UnixMs(7), 1), None);
    }

    #[test]
    fn a_step_there_and_one_back_meet() {
        let lines = [line(&[10, 20, 40, 80, 160]), line(&[15, 40, 90])];
        for at in [10, 15, 20, 40, 80, 90] {
            let there = step(&lines, UnixMs(at), 1).unwrap();
            assert_eq!(step(&lines, there, -1), Some(UnixMs(at)));
        }
    }
}
