/// How a new generation is tried out on a part of the clients before it is current.
package struct CanarySteps: Codable, Equatable, Sendable {
    /// Shares of all clients, in percent, each larger than the one before.
    package var shares: [Double]
    /// Networks whose clients come first, and in every step, such as 192.0.2.0/24; nil for none.
    package var networks: [String]?
    /// How long each step lasts, in seconds; nil until the next one is asked for.
    package var stepSeconds: Double?
    /// So many of its workers may die before it is aborted.
    package var restarts: Int?
    /// So many datagrams may be dropped by the service's listeners before it is aborted; nil is any number.
    package var drops: Int?
    /// The command that must end with 0 at the end of each step.
    package var check: [String]?

    package init(
        shares: [Double], networks: [String]? = nil, stepSeconds: Double? = nil,
        restarts: Int? = nil, drops: Int? = nil, check: [String]? = nil
    ) {
        self.shares = shares
        self.networks = networks
        self.stepSeconds = stepSeconds
        self.restarts = restarts
        self.drops = drops
        self.check = check
    }
}

/// A generation that is being tried out.
package struct CanaryStatus: Codable, Equatable, Sendable {
    /// The share of the clients that it has, in percent; 0 while it has those of the networks alone.
    package var share: Double
    /// Which of its steps this is, from 1.
    package var step: Int
    package var steps: Int
    /// Until the next step; nil where that has to be asked for.
    package var secondsLeft: Double?
    /// True while the check of the step runs.
    package var isChecked: Bool?
    /// How many datagrams were dropped since it began; nil where that has no limit.
    package var drops: Int?
    package var dropLimit: Int?
    /// Whose clients it has in every step; nil where there are none.
    package var networks: [String]?

    package init(
        share: Double, step: Int, steps: Int, secondsLeft: Double? = nil, isChecked: Bool? = nil,
        drops: Int? = nil, dropLimit: Int? = nil, networks: [String]? = nil
    ) {
        self.share = share
        self.step = step
        self.steps = steps
        self.secondsLeft = secondsLeft
        self.isChecked = isChecked
        self.drops = drops
        self.dropLimit = dropLimit
        self.networks = networks
    }
}
