/// The two formats of text that Prometheus reads.
package enum Exposition: Sendable {
    /// OpenMetrics 1.0.
    case openMetrics
    /// Prometheus' own, 0.0.4, which knows neither units nor infos.
    case prometheus

    /// The media type of the text.
    package var mediaType: String {
        switch self {
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        }
    }

    /// The format that suits an Accept header best: OpenMetrics for who names it, the older one for everybody else.
    package init(accepting header: String?) {
        let wanted = (header ?? "").lowercased().split(separator: ",").contains { part in
            let words = part.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            return words.first == "application/openmetrics-text" && !words.contains("q=0")
        }
        self = wanted ? .openMetrics : .prometheus
    }

    func text(_ families: [MetricFamily]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(families.reduce(0) { $0 + 200 + $1.samples.count * 96 })
        for family in families where !family.samples.isEmpty { write(family, to: &bytes) }
        if self == .openMetrics { bytes += "# EOF\n".utf8 }
        return bytes
    }

    private func write(_ family: MetricFamily, to bytes: inout [UInt8]) {
        let name = headName(of: family)
        bytes += "# HELP \(name) ".utf8
        // No help has anything to escape.
        bytes += "\(family.help)\n# TYPE \(name) \(typeName(of: family.kind))\n".utf8
        if self == .openMetrics, let unit = family.unit { bytes += "# UNIT \(name) \(unit)\n".utf8 }
        for sample in family.samples {
            bytes += family.name.utf8
            bytes += sample.ending.utf8
            for (index, label) in sample.labels.enumerated() {
                bytes.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
                bytes += label.name.utf8
                bytes += "=\"".utf8
                Self.write(label.value, to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes += (sample.labels.isEmpty ? " " : "} ").utf8
            bytes += sample.value.metric.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    /// OpenMetrics has the endings at the samples alone.
    private func headName(of family: MetricFamily) -> String {
        switch (self, family.kind) {
        case (.prometheus, .counter): family.name + "_total"
        case (.prometheus, .info): family.name + "_info"
        case (.openMetrics, _), (.prometheus, .gauge), (.prometheus, .histogram): family.name
        }
    }

    private func typeName(of kind: MetricFamily.Kind) -> String {
        switch kind {
        case .gauge: "gauge"
        case .counter: "counter"
        case .histogram: "histogram"
        case .info: self == .openMetrics ? "info" : "gauge"
        }
    }

    /// What stands between the quotes; a control character would be a line that is none.
    private static func write(_ value: String, to bytes: inout [UInt8]) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            case 0..<0x20, 0x7f: bytes.append(UInt8(ascii: "?"))
            default: bytes.append(byte)
            }
        }
    }
}
