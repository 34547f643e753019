#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <fstream>

#include "measure.hpp"

namespace bench {

void print_table(std::vector<row> const& rows) {
    std::printf("\n%-52s %12s %12s %8s %8s\n", "name", "ours", "reference", "ratio", "goal");
    for (auto const& r : rows) {
        std::printf("%-52s %9.2f %-2s %9.2f %-2s %8.2f ", r.name.c_str(), r.ours, r.unit.c_str(), r.reference,
                    r.unit.c_str(), r.ratio);
        if (r.goal > 0)
            std::printf("%8.2f", r.goal);
        else
            std::printf("%8s", "-");
        if (!r.note.empty()) std::printf("  %s", r.note.c_str());
        std::printf("\n");
    }
}

void write_json(std::vector<row> const& rows, std::string const& file) {
    boost::json::array out;
    for (auto const& r : rows) {
        boost::json::object o;
        o["name"] = r.name;
        o["ours"] = r.ours;
        o["reference"] = r.reference;
        o["ratio"] = r.ratio;
        if (r.goal > 0)
            o["goal"] = r.goal;
        else
            o["goal"] = nullptr;
        o["unit"] = r.unit;
        o["note"] = r.note;
        out.push_back(std::move(o));
    }
    std::ofstream(file) << boost::json::serialize(out) << '\n';
}

} // namespace bench
