import AWS
import TestSupport

extension LogService {
    static let keys = ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"]

    static func destination(_ endpoint: String) throws -> LogDestination {
        try LogDestination(region: "eu-central-1", group: "/breakoutd/findings", stream: "node", endpoint: endpoint)
    }
}
