#include <dynasio/orm/load_timeline.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "figure_text.hpp"
#include "timeline_rows.hpp"

namespace dynasio {

namespace {

using detail::timeline_row;
using duration = load_timeline::duration;

constexpr double label_width = 380;
constexpr double chart_width = 620;
constexpr double right_margin = 60; // the last mark of the axis has its label here
constexpr double row_height = 18;
constexpr double top = 58;
constexpr double bar_height = 12;

// A page that holds the file as an element applies the rules to all of itself, so each is bound to the root's class.
constexpr std::string_view style = R"(<style>
.dynasio-timeline{font:12px sans-serif;background:#fff}
.dynasio-timeline text{fill:#222}
.dynasio-timeline .axis{fill:#666;font-size:11px}
.dynasio-timeline .grid{stroke:#ddd}
.dynasio-timeline .wait{stroke:#999;stroke-width:2}
.dynasio-timeline .behind{stroke:#bbb;fill:none}
.dynasio-timeline .query{fill:#4878a8}
.dynasio-timeline .batch{fill:#5a9e6f}
.dynasio-timeline .again{fill:#e6952c}
.dynasio-timeline .failed{fill:#c8352b}
@media(prefers-color-scheme:dark){
.dynasio-timeline{background:#1c1c1c}
.dynasio-timeline text{fill:#ddd}
.dynasio-timeline .axis{fill:#aaa}
.dynasio-timeline .grid{stroke:#333}
.dynasio-timeline .behind{stroke:#555}
}
</style>
)";

/// Text inside of an element or an attribute. Control characters, which XML has no way to write, become spaces.
std::string escaped(std::string_view text) {
    std::string out;
    for (char const c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

std::string number(double n) {
    std::string out = detail::fixed_text(n, 1);
    if (out.ends_with(".0")) out.resize(out.size() - 2);
    return out;
}

/// As much of a label as fits in front of the chart.
std::string shortened(std::string const& text) {
    constexpr std::size_t most = 60;
    if (text.size() <= most) return text;
    std::size_t end = most - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end; // not within a character
    return text.substr(0, end) + "...";
}

/// A step between marks of the axis, 1, 2 or 5 times a power of ten, of which the whole has at most ten.
double step_for(double milliseconds) {
    double step = std::pow(10, std::floor(std::log10(milliseconds / 10)));
    for (double const factor : {1.0, 2.0, 5.0, 10.0})
        if (milliseconds / (step * factor) <= 10) return step * factor;
    return step * 10;
}

class svg_writer {
public:
    svg_writer(load_timeline const& timeline, std::size_t most)
        : rows_(detail::rows_of(timeline, most)), length_(detail::length_of(timeline)),
          whole_(std::max(length_, duration(1))), headline_(detail::headline_of(timeline)) {}

    [[nodiscard]] std::string write() && {
        double const bottom = top + row_height * static_cast<double>(rows_.size());
        std::string const width = number(label_width + chart_width + right_margin);
        std::string const height = number(bottom + 10);
        out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"dynasio-timeline\" width=\"" + width +
               "\" height=\"" + height + "\" viewBox=\"0 0 " + width + ' ' + height + "\">\n";
        out_ += style;
        text(10, 20, headline_, {});
        legend();
        axis(bottom);
        for (std::size_t i = 0; i < rows_.size(); ++i) line_behind(i);
        for (std::size_t i = 0; i < rows_.size(); ++i) row(i);
        out_ += "</svg>\n";
        return std::move(out_);
    }

private:
    [[nodiscard]] double x(duration t) const noexcept {
        return label_width + static_cast<double>(t.count()) / static_cast<double>(whole_.count()) * chart_width;
    }
    [[nodiscard]] static double y(std::size_t row) noexcept { return top + row_height * static_cast<double>(row); }

    void text(double at_x, double at_y, std::string_view what, std::string_view kind) {
        out_ += "<text x=\"" + number(at_x) + "\" y=\"" + number(at_y) + '"';
        if (!kind.empty()) out_ += " class=\"" + std::string(kind) + '"';
        out_ += '>' + escaped(what) + "</text>\n";
    }
    void box(double from, double to, double at_y, std::string_view kind) {
        out_ += "<rect class=\"" + std::string(kind) + "\" x=\"" + number(from) + "\" y=\"" + number(at_y) +
                "\" width=\"" + number(std::max(to - from, 1.0)) + "\" height=\"" + number(bar_height) + "\"/>\n";
    }
    void line(std::string_view kind, double x1, double y1, double x2, double y2) {
        out_ += "<line class=\"" + std::string(kind) + "\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" +
                number(x2) + "\" y2=\"" + number(y2) + "\"/>\n";
    }

    void legend() {
        double at = 10;
        for (auto const& [kind, what] : {std::pair("query", "query"), std::pair("batch", "batch of keys"),
                                         std::pair("again", "repeated"), std::pair("failed", "failed")}) {
            box(at, at + 12, 30, kind);
            text(at + 17, 40, what, "axis");
            at += 95;
        }
    }
    void axis(double bottom) {
        if (length_ == duration::zero()) { // there is no scale
            mark(label_width, bottom, "0 ms");
            return;
        }
        double const all = std::chrono::duration<double, std::milli>(whole_).count();
        double const step = step_for(all);
        for (int i = 0; step * i <= all; ++i) {
            mark(label_width + step * i / all * chart_width, bottom, detail::rounded_text(step * i, 6) + " ms");
        }
    }
    void mark(double at, double bottom, std::string_view label) {
        line("grid", at, top - 6, at, bottom);
        text(at + 2, top - 8, label, "axis");
    }
    /// From the answer that a row waited for last down to the row.
    void line_behind(std::size_t i) {
        if (!rows_[i].behind) return;
        std::size_t const before = *rows_[i].behind;
        double const from = x(std::min(rows_[before].ended, rows_[i].known));
        out_ += "<path class=\"behind\" d=\"M" + number(from) + ' ' + number(y(before) + bar_height / 2) + 'V' +
                number(y(i) + bar_height / 2) + 'H' + number(x(rows_[i].sent)) + "\"/>\n";
    }
    void row(std::size_t i) {
        timeline_row const& r = rows_[i];
        std::string const name = r.numbers() + ' ' + r.what;
        out_ += "<g><title>" +
                escaped(name + ": " + r.about + "; sent at " + detail::milliseconds(r.sent) + ", took " +
                        detail::milliseconds(r.ended - r.sent)) +
                "</title>\n";
        text(10, y(i) + bar_height - 2, shortened(name), {});
        if (r.known < r.sent) line("wait", x(r.known), y(i) + bar_height / 2, x(r.sent), y(i) + bar_height / 2);
        std::string_view const kind = r.asks_again ? "again" : r.is_batch ? "batch" : "query";
        box(x(r.sent), x(r.ended), y(i), kind);
        // One bar of many retries must not cost an element for each.
        constexpr std::size_t most_marks = 20;
        std::size_t const step = r.retries.size() / most_marks + 1;
        if (r.count == 1 && !r.retries.empty()) box(x(r.sent), x(r.retries.back()), y(i), "again");
        for (std::size_t k = 0; r.count > 1 && k < r.retries.size(); k += step)
            box(x(r.retries[k]) - 1, x(r.retries[k]) + 1, y(i), "again");
        if (r.failed) box(x(r.ended) - 3, x(r.ended), y(i), "failed");
        out_ += "</g>\n";
    }

    std::vector<timeline_row> rows_;
    duration length_;
    duration whole_; ///< Of the chart: it has a length.
    std::string headline_;
    std::string out_{};
};

} // namespace

std::string to_svg(load_timeline const& timeline, std::size_t rows) { return svg_writer(timeline, rows).write(); }

} // namespace dynasio
