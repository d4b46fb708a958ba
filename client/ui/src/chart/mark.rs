use std::f64::consts::TAU;

use web_sys::CanvasRenderingContext2d;

/// The corners of each shape but the first, which is a disc, on a grid from -1 to 1. [`legend_path`] draws the same.
const CORNERS: [&[(f64, f64)]; 7] = [
    // Square.
    &[(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
    // Triangle.
    &[(0.0, -1.1), (1.1, 0.85), (-1.1, 0.85)],
    // Diamond.
    &[(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)],
    // Plus.
    &[
        (-0.4, -1.2),
        (0.4, -1.2),
        (0.4, -0.4),
        (1.2, -0.4),
        (1.2, 0.4),
        (0.4, 0.4),
        (0.4, 1.2),
        (-0.4, 1.2),
        (-0.4, 0.4),
        (-1.2, 0.4),
        (-1.2, -0.4),
        (-0.4, -0.4),
    ],
    // Triangle on its point.
    &[(-1.1, -0.85), (1.1, -0.85), (0.0, 1.1)],
    // Bar.
    &[(-0.45, -1.3), (0.45, -1.3), (0.45, 1.3), (-0.45, 1.3)],
    // Hourglass.
    &[(-1.1, -1.1), (1.1, -1.1), (-1.1, 1.1), (1.1, 1.1)],
];

/// Number of shapes; more series start over.
pub(super) const SHAPES: usize = CORNERS.len() + 1;

/// Begins a path of a series' shape around a place.
pub(super) fn path(context: &CanvasRenderingContext2d, index: usize, (x, y): (f64, f64), radius: f64) {
    context.begin_path();
    let Some(corners) = (index % SHAPES).checked_sub(1).map(|at| CORNERS[at]) else {
        let _ = context.arc(x, y, radius, 0.0, TAU);
        return;
    };
    for (dx, dy) in corners {
        context.line_to(x + dx * radius, y + dy * radius);
    }
    context.close_path();
}

/// Shape of a mark as an SVG path, of radius 1 around the origin.
pub(crate) fn legend_path(index: usize) -> String {
    let Some(corners) = (index % SHAPES).checked_sub(1).map(|at| CORNERS[at]) else {
        return "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z".into();
    };
    let corners: Vec<_> = corners.iter().map(|(x, y)| format!("{x} {y}")).collect();
    format!("M{}z", corners.join("L"))
}
