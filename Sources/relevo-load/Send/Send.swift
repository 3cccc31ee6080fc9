import ArgumentParser

/// `relevo-load send`.
struct Send: ParsableCommand {}
