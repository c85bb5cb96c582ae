// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/task/JsonFields.h"

#include <initializer_list>
#include <string>
#include <vector>

/// How the messages between a supervisor and its children write words and lists of objects.
namespace ww {

/// Reads a field that must hold one of `names`; the position is the value of the enumeration.
template <class E>
void choice(JsonFields &fields, const char *key, std::initializer_list<const char *> names, E &out)
{
    std::string text;
    fields.required(key, text);
    int position = 0;
    for (const char *name : names) {
        if (text == name) {
            out = static_cast<E>(position);
            return;
        }
        ++position;
    }
    fields.refuse(key, "not one of the known words");
}

/// A list whose elements are objects read by `read(JsonFields &, T &)`.
template <class T, class F> void objects(JsonFields &fields, const char *key, std::vector<T> &out, F read)
{
    fields.list(key, true, [&](const nlohmann::json &item, const std::string &path) {
        JsonFields element(item, path);
        read(element, out.emplace_back());
        return element.finish();
    });
}

} // namespace ww
