/// As it is kept for the next supervisor: in the words of settings.
extension Pack: Codable {
    private enum CodingKeys: String, CodingKey { case order, rules, prefix }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        order = try Order(parsing: container.decode(String.self, forKey: .order))
        rules = try container.decode([String].self, forKey: .rules).reduce([]) {
            try $0.adding($1)
        }
        prefix = try container.decodeIfPresent(Int.self, forKey: .prefix)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(order.rawValue, forKey: .order)
        try container.encode(rules.map(\.description), forKey: .rules)
        try container.encodeIfPresent(prefix, forKey: .prefix)
    }
}
