/// All samples of one name, with what they mean.
struct MetricFamily {
    enum Kind {
        case gauge
        /// Only rises, from 0 at the start of what counts; its samples' names end in `_total`.
        case counter
        case histogram
        /// Labels alone: the value is always 1, and the name ends in `_info`.
        case info
    }

    /// Without the endings that samples have.
    let name: String
    let kind: Kind
    /// The name's last part, where it has a unit.
    let unit: String?
    let help: String
    private(set) var samples: [Sample] = []

    init(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
    }

    /// One line.
    struct Sample {
        /// What follows the family's name.
        let ending: String
        let labels: [Label]
        let value: Double
    }

    /// Numbers that are none, and counters below 0, come from a supervisor that is not ours: 0.
    mutating func add(_ value: Double, _ labels: [Label]) {
        let value = value.isFinite ? value : 0
        switch kind {
        case .gauge: samples.append(Sample(ending: "", labels: labels, value: value))
        case .counter:
            samples.append(Sample(ending: "_total", labels: labels, value: max(0, value)))
        case .info: samples.append(Sample(ending: "_info", labels: labels, value: 1))
        case .histogram: preconditionFailure("a histogram is more than a value")
        }
    }

    mutating func add(_ value: Int, _ labels: [Label]) { add(Double(value), labels) }

    /// - Parameter counts: of each class once; the last one has no upper bound.
    mutating func add(bounds: [Double], counts: [Int], sum: Double, _ labels: [Label]) {
        var count = 0.0
        // OpenMetrics wants bounds with a point, and they are to be the same in both formats.
        for (bound, part) in zip(bounds.map { "\($0)" } + ["+Inf"], counts) {
            count += Double(max(0, part))
            samples.append(
                Sample(ending: "_bucket", labels: labels + [Label("le", bound)], value: count))
        }
        samples.append(Sample(ending: "_count", labels: labels, value: count))
        samples.append(
            Sample(ending: "_sum", labels: labels, value: sum.isFinite ? max(0, sum) : 0))
    }
}

/// A name and a value that tell samples apart.
struct Label {
    /// The longest value; what others send may have any length.
    private static let longest = 128

    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = String(value.prefix(Self.longest))
    }
}

extension Double {
    /// As both formats take it: a whole number without a point.
    var metric: String {
        // Beyond that not every whole number can be told.
        guard magnitude < 9_007_199_254_740_992, rounded(.towardZero) == self else {
            return "\(self)"
        }
        return "\(Int(self))"
    }
}
