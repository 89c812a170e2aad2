//! Charts as SVG, made here: no script, readable in light and dark by classes of the stylesheet,
//! told to screen readers by a title and a description. The numbers stand in a table beside it.

use std::fmt::Write;

/// The drawing's own units: text of 11 is readable from 320 pixels on.
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 210.0;
const LEFT: f64 = 36.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 34.0;
/// Lines across, the axis not counted.
const STEPS: f64 = 4.0;
/// Colours of the stylesheet; further series share the last.
const COLOURS: usize = 6;

/// Values over the same labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub name: String,
    pub values: Vec<f64>,
}

/// What stands under the axis: a short text, and a second line where it says something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub short: String,
    pub under: Option<String>,
    /// As it is told of a bar.
    pub whole: String,
}

/// What a chart is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Unique on the page: letters and hyphens.
    pub id: &'a str,
    pub title: &'a str,
    /// The same in a sentence, for those who do not see it.
    pub description: &'a str,
    /// Behind a value.
    pub unit: &'a str,
}

/// Bars over labels, the series one on the other; one series makes plain bars.
pub fn bars(about: About<'_>, labels: &[Label], series: &[Series]) -> String {
    let sum = |at: usize| series.iter().filter_map(|s| s.values.get(at)).sum::<f64>();
    let axis = Axis::to((0..labels.len()).map(sum).fold(0.0, f64::max));
    let mut svg = begin(about, &axis);
    let slot = slot(labels);
    for (at, label) in labels.iter().enumerate() {
        let (mut base, x) = (0.0, LEFT + slot * (at as f64 + 0.16));
        for (number, one) in series.iter().enumerate() {
            let value = one.values.get(at).copied().unwrap_or_default();
            if value <= 0.0 {
                continue;
            }
            let (y, height) = (axis.y(base + value), axis.y(base) - axis.y(base + value));
            let _ = write!(
                svg,
                r#"<rect class="c{}" x="{x:.1}" y="{y:.1}" width="{:.1}" height="{height:.1}"><title>{} {}：{}{}</title></rect>"#,
                colour(number),
                slot * 0.68,
                escaped(&label.whole),
                escaped(&one.name),
                number_of(value),
                escaped(about.unit),
            );
            base += value;
        }
    }
    end(svg, labels)
}

/// A line over labels; where there is no value, it breaks.
pub fn line(about: About<'_>, labels: &[Label], values: &[Option<f64>], most: Option<f64>) -> String {
    let axis = Axis::to(most.unwrap_or_else(|| values.iter().flatten().copied().fold(0.0, f64::max)));
    let mut svg = begin(about, &axis);
    let slot = slot(labels);
    let x = |at: usize| LEFT + slot * (at as f64 + 0.5);
    let mut path = String::new();
    let mut joined = false;
    for (at, value) in values.iter().enumerate() {
        if let Some(value) = value {
            let _ = write!(path, "{}{:.1} {:.1}", if joined { "L" } else { "M" }, x(at), axis.y(*value));
        }
        joined = value.is_some();
    }
    let _ = write!(svg, r#"<path class="line" d="{path}"/>"#);
    for (at, value) in values.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?))) {
        let whole = labels.get(at).map_or("", |label| &label.whole);
        let _ = write!(
            svg,
            r#"<circle class="point" cx="{:.1}" cy="{:.1}" r="3.5"><title>{}：{}{}</title></circle>"#,
            x(at),
            axis.y(value),
            escaped(whole),
            number_of(value),
            escaped(about.unit),
        );
    }
    end(svg, labels)
}

/// The colour of a series, from 1.
pub fn colour(number: usize) -> usize {
    (number + 1).min(COLOURS)
}

/// Whole, or with one place.
pub fn number_of(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.1}") }
}

/// The upright axis, from 0.
struct Axis {
    top: f64,
}

impl Axis {
    /// Up to a round number, at least the largest value.
    fn to(largest: f64) -> Self {
        let least = largest.max(STEPS) / STEPS;
        let scale = 10_f64.powf(least.log10().floor());
        let step =
            [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0].into_iter().map(|s| s * scale).find(|s| *s >= least);
        let step = step.unwrap_or(least);
        // Counts have no halves.
        Self { top: STEPS * if step < 10.0 { step.ceil() } else { step } }
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value / self.top).clamp(0.0, 1.0);
        HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
    }
}

fn slot(labels: &[Label]) -> f64 {
    (WIDTH - LEFT - RIGHT) / labels.len().max(1) as f64
}

fn begin(about: About<'_>, axis: &Axis) -> String {
    let About { id, title, description, unit } = about;
    let mut svg = format!(
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{}</title><desc id="{id}-d">{}</desc>"#,
        escaped(title),
        escaped(description),
    );
    for step in 0..=STEPS as usize {
        let value = axis.top * step as f64 / STEPS;
        let (y, class) = (axis.y(value), if step == 0 { "axis" } else { "grid" });
        let _ = write!(
            svg,
            r#"<line class="{class}" x1="{LEFT}" x2="{:.1}" y1="{y:.1}" y2="{y:.1}"/><text class="tick" x="{:.1}" y="{:.1}" text-anchor="end" aria-hidden="true">{}{}</text>"#,
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            number_of(value),
            if unit == "%" { "%" } else { "" },
        );
    }
    svg
}

fn end(mut svg: String, labels: &[Label]) -> String {
    let slot = slot(labels);
    for (at, label) in labels.iter().enumerate() {
        let x = LEFT + slot * (at as f64 + 0.5);
        for (text, down) in [(Some(&label.short), 15.0), (label.under.as_ref(), 28.0)] {
            let Some(text) = text else { continue };
            let _ = write!(
                svg,
                r#"<text class="tick" x="{x:.1}" y="{:.1}" text-anchor="middle" aria-hidden="true">{}</text>"#,
                HEIGHT - BOTTOM + down,
                escaped(text),
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: About<'_> = About { id: "x", title: "需求<b>", description: "每月", unit: "条" };

    fn labels(count: usize) -> Vec<Label> {
        (1..=count).map(|n| Label { short: n.to_string(), under: None, whole: format!("{n}月") }).collect()
    }

    /// The numbers of an attribute, in the order of the drawing.
    fn numbers(svg: &str, element: &str, attribute: &str) -> Vec<f64> {
        let (open, name) = (format!("<{element} "), format!(r#" {attribute}=""#));
        let value = |element: &str| element.split(&name).nth(1)?.split('"').next()?.parse().ok();
        svg.split(&open).skip(1).filter_map(value).collect()
    }

    #[test]
    fn the_axis_ends_at_a_round_number_that_nothing_is_above() {
        for (largest, top) in [
            (0.0, 4.0),
            (1.0, 4.0),
            (4.0, 4.0),
            (5.0, 8.0),
            (9.0, 12.0),
            (39.0, 40.0),
            (41.0, 60.0),
            (100.0, 100.0),
            (1234.0, 1600.0),
        ] {
            assert_eq!(Axis::to(largest).top, top, "{largest}");
        }
    }

    #[test]
    fn bars_stand_on_each_other_and_are_as_high_as_their_values() {
        let series = |name: &str, values: [f64; 2]| Series { name: name.into(), values: values.to_vec() };
        let svg = bars(ABOUT, &labels(2), &[series("甲", [10.0, 0.0]), series("乙", [30.0, 20.0])]);
        let (y, height) = (numbers(&svg, "rect", "y"), numbers(&svg, "rect", "height"));
        assert_eq!((y.len(), height.len()), (3, 3), "nothing is drawn for 0");
        assert!((height[1] - 3.0 * height[0]).abs() < 0.2 && (height[2] - 2.0 * height[0]).abs() < 0.2, "{height:?}");
        assert!((y[0] - (y[1] + height[1])).abs() < 0.2, "the second stands on the first");
        assert!(svg.contains("<title>1月 乙：30条</title>"), "{svg}");
    }

    #[test]
    fn a_line_breaks_where_there_is_no_value() {
        let svg = line(ABOUT, &labels(4), &[Some(1.0), Some(2.0), None, Some(4.0)], None);
        let path = svg.split(r#" d=""#).nth(1).unwrap().split('"').next().unwrap();
        assert_eq!((path.matches('M').count(), path.matches('L').count()), (2, 1), "{path}");
        assert_eq!(svg.matches("<circle").count(), 3);
        let y = numbers(&svg, "circle", "cy");
        assert!(y[0] > y[1] && y[1] > y[2], "higher values are higher up: {y:?}");
    }

    #[test]
    fn texts_are_texts_and_everything_is_within_the_drawing() {
        let svg = bars(ABOUT, &labels(12), &[Series { name: "\"&'".into(), values: vec![3.0; 12] }]);
        assert!(svg.contains("需求&lt;b&gt;") && svg.contains("&quot;&amp;&#39;") && !svg.contains("<b>"));
        assert!(!svg.contains("style="), "the page's policy allows none");
        for attribute in ["x", "y"] {
            let found = numbers(&svg, "rect", attribute);
            assert!(found.len() == 12 && found.iter().all(|n| (0.0..=WIDTH).contains(n)), "{found:?}");
        }
        assert!(line(ABOUT, &[], &[], Some(100.0)).ends_with("</svg>"), "of nothing, an empty one");
    }
}
