import ControlProtocol

/// How a report looks, on a light screen and on a dark one.
enum ReportStyle {
    static let text = """
        .page { fill: #ffffff }
        text { fill: #1f2328 }
        .soft { fill: #59636e; font-size: 12px }
        .title { font-size: 20px; font-weight: 600 }
        .heading { font-weight: 600 }
        text.heading, text.soft { paint-order: stroke; stroke: #ffffff; stroke-width: 3px }
        .figure { font-size: 20px; font-weight: 600 }
        .tile { fill: #f3f5f7 }
        .middle { text-anchor: middle }
        .end { text-anchor: end }
        .grid { stroke: #d8dee4; stroke-width: 1 }
        .axis { stroke: #59636e; stroke-width: 1 }
        .flipline { stroke: #1f2328; stroke-width: 1; stroke-dasharray: 4 3 }
        .old, .drain { fill: #c2620a }
        .new { fill: #0a66c2 }
        .both { fill: #8b7fb5 }
        .start { fill: #a8b3bd }
        .ready { fill: #5aa2e0 }
        .canary { fill: #d4a72c }
        .flip { fill: #1f2328 }
        .retire { fill: #7d8590 }
        .area { fill-opacity: 0.18 }
        .bar { fill-opacity: 0.75 }
        .line { fill: none; stroke-width: 2 }
        .old.line { stroke: #c2620a; fill: none }
        .new.line { stroke: #0a66c2; fill: none }
        polyline.opened { fill: none; stroke: #1f2328; stroke-width: 1.5 }
        .opened.key { fill: #1f2328 }
        .lost, .bad, .failed { fill: #cf222e }
        .warn { fill: #9a6700 }
        .good { fill: #1a7f37 }
        @media (prefers-color-scheme: dark) {
        \(dark)
        }
        """

    /// What is otherwise on a dark screen.
    static let dark = """
        .page { fill: #0d1117 }
        text { fill: #e6edf3 }
        .soft { fill: #9aa4ae }
        text.heading, text.soft { stroke: #0d1117 }
        .tile { fill: #1c232b }
        .grid { stroke: #2b333c }
        .axis { stroke: #9aa4ae }
        .flipline { stroke: #e6edf3 }
        .old, .drain { fill: #f0964a }
        .new { fill: #58a6ff }
        .both { fill: #b3a6e0 }
        .start { fill: #5b6570 }
        .ready { fill: #3d7db8 }
        .canary { fill: #d4a72c }
        .flip { fill: #e6edf3 }
        .retire { fill: #8b949e }
        .old.line { stroke: #f0964a }
        .new.line { stroke: #58a6ff }
        polyline.opened { stroke: #e6edf3 }
        .opened.key { fill: #e6edf3 }
        .lost, .bad, .failed { fill: #ff7b72 }
        .warn { fill: #e3b341 }
        .good { fill: #56d364 }
        """
}

/// Text in XML and HTML.
enum XMLText {
    /// Characters that XML has no place for are left out, whoever has said them.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { shown, scalar in
            switch scalar {
            case "&": shown += "&amp;"
            case "<": shown += "&lt;"
            case ">": shown += "&gt;"
            case "\"": shown += "&quot;"
            case "'": shown += "&#39;"
            case "\t", "\n": shown += " "
            default:
                let isOdd =
                    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                    || scalar.value & 0xfffe == 0xfffe
                if !isOdd { shown.unicodeScalars.append(scalar) }
            }
        }
    }
}

/// The picture on a page, with what it does not show as text.
enum ReportPage {
    static func html(_ handover: HandoverRecord, _ picture: ReportPicture) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark">
        <title>\(XMLText.escaped(picture.title))</title>
        <style>
        body { margin: 0 auto; max-width: 1000px; padding: 1rem; font: 14px system-ui, sans-serif;
        background: #ffffff; color: #1f2328 }
        svg { width: 100%; height: auto }
        pre { overflow-x: auto; padding: 0.8rem; border-radius: 8px; background: #f3f5f7 }
        @media (prefers-color-scheme: dark) {
        body { background: #0d1117; color: #e6edf3 }
        pre { background: #1c232b }
        }
        </style>
        </head>
        <body>
        \(picture.svg)
        <h2>In words</h2>
        <pre>\(words(handover))</pre>
        </body>
        </html>

        """
    }

    private static func words(_ handover: HandoverRecord) -> String {
        HistoryText.whole(handover, styled: false, width: 100).map(XMLText.escaped)
            .joined(separator: "\n")
    }
}
