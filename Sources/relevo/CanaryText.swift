import ControlProtocol

extension CanaryStatus {
    /// Whose new flows it gets: 5% of clients, clients of 192.0.2.0/24.
    var clients: String {
        var parts: [String] = []
        if share > 0 || networks == nil { parts.append("\(Self.percent(share)) of clients") }
        if let networks {
            let more = networks.count > 2 ? " and \(networks.count - 2) more" : ""
            let named = networks.prefix(2).map(StatusText.printable).joined(separator: ", ")
            parts.append("clients of \(named)\(more)")
        }
        return parts.joined(separator: ", ")
    }

    /// The same in a word.
    var shortClients: String {
        share == 0 && networks != nil ? "networks" : Self.percent(share)
    }

    /// With all its digits: 5%, 0.25%.
    private static func percent(_ share: Double) -> String {
        share == share.rounded() && share.magnitude < 1e6 ? "\(Int(share))%" : "\(share)%"
    }
}
