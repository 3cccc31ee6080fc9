import ArgumentParser

/// A time on the command line: `250ms`, `30s`, `5min`, `1h`; a bare number is seconds.
struct TimeOption: ExpressibleByArgument, Equatable {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let units: [(name: String, nanoseconds: Double)] = [
            ("us", 1e3), ("ms", 1e6), ("min", 60e9), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
            ("", 1e9),
        ]
        for unit in units where argument.hasSuffix(unit.name) {
            guard let number = Double(argument.dropLast(unit.name.count)), number >= 0,
                number * unit.nanoseconds < 1e18
            else { continue }
            duration = .nanoseconds(Int64(number * unit.nanoseconds))
            return
        }
        return nil
    }

    var defaultValueDescription: String { duration.short }
}

extension Duration {
    /// The time in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// The time for people, three digits of it.
    var short: String {
        switch self {
        case .zero: "0s"
        case ..<(.microseconds(1)): "\((seconds * 1e9).digits)ns"
        case ..<(.milliseconds(1)): "\((seconds * 1e6).digits)µs"
        case ..<(.seconds(1)): "\((seconds * 1e3).digits)ms"
        default: "\(seconds.digits)s"
        }
    }
}

extension Double {
    /// The number with three significant digits, at most two of them behind the point.
    var digits: String {
        let places: Double = self >= 100 ? 1 : self >= 10 ? 10 : 100
        let rounded = (self * places).rounded() / places
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
