using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary><c>journal audit</c> and <c>journal statement verify</c> over a data directory whose group is under a guardian.</summary>
public sealed class AuditTests
{
    private static readonly string _nobody = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

    [Fact]
    public async Task G9_Sound_journals_get_statements_that_verify_for_their_identity_alone_and_continue_each_other()
    {
        using OwnDirectory own = await GuardedAsync();
        (string first, string second) = (own.PathOf("first.json"), own.PathOf("second.json"));
        JsonElement audited = (await own.RunAsync("journal", "audit", "--out", first)).Done();
        string identity = Text(audited.GetProperty("identities"), "embedded");
        Assert.Equal(first, Text(audited, "statement"));
        Assert.True(audited.GetProperty("verified").GetBoolean());
        await ConfigureAsync(own, "hour=900/1");
        (await own.RunAsync("keys", "rotate")).Done();
        Ended shown = await SignerProcess.RunAsync("journal", "audit", "--data", own.Path, "--previous", first, "--out", second);
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains($"Signed by embedded, {identity}, in {second}.", shown.Out);

        JsonElement verified = (await VerifyAsync(second, "--identity", identity, "--previous", first)).Done();
        JsonElement[] statements = [.. verified.GetProperty("statements").EnumerateArray()];
        Assert.Equal(["coordinator", "participants-0", "participants-1", "participants-2"], statements.Select(static one => Text(one, "journal")));
        Assert.All(statements, static one => Assert.Equal(2, Assert.Single(one.GetProperty("guardians").EnumerateArray()).GetProperty("records").GetInt32()));
        Assert.Single(statements.Select(static one => Text(one.GetProperty("guardians")[0], "root")).Distinct());
        (await VerifyAsync(second, "--roster", RosterOf(own, identity))).Done();
        (await VerifyAsync(second, "--identity", _nobody)).Failed(1, "statement_invalid");
        (await VerifyAsync(Altered(own, second, "rows", 7), "--identity", identity)).Failed(1, "statement_invalid");

        // The other way round, the chains of all four shrink.
        Ended turned = await VerifyAsync(first, "--identity", identity, "--previous", second);
        Assert.Equal(1, turned.ExitCode);
        Assert.Equal(4, Found(turned).Count(static finding => finding.Reason == "guardian_rolled_back"));
    }

    [Fact]
    public async Task K4_A_byte_of_a_row_that_was_changed_is_named_in_a_signed_statement_and_ends_with_1()
    {
        using OwnDirectory own = await GuardedAsync();
        own.FlipBit("participants/1", "persistence_id LIKE 'guard/%' AND sequence_number = 1");
        string statement = own.PathOf("statement.json");
        Ended audited = await own.RunAsync("journal", "audit", "--out", statement);
        Assert.Equal(1, audited.ExitCode);
        Assert.Equal(("participants-1", $"guard/{own.Group}/1", "row_unauthentic"), Assert.Single(Found(audited)));

        string identity = Text(audited.Json().GetProperty("identities"), "embedded");
        Ended verified = await VerifyAsync(statement, "--identity", identity);
        Assert.Equal(1, verified.ExitCode);
        Assert.Equal(Found(audited), Found(verified));
        Assert.Empty(verified.Json().GetProperty("statements")[2].GetProperty("guardians").EnumerateArray());
        Ended shown = await SignerProcess.RunAsync("journal", "statement", "verify", "--statement", statement, "--identity", identity);
        Assert.Contains($"participants-1  guard/{own.Group}/1  row 1  row_unauthentic: ", shown.Out);

        JsonElement refused =
            (await own.RunAsync("journal", "audit", "--previous", statement, "--out", own.PathOf("next.json"))).Failed(1, "statement_with_findings");
        Assert.Contains("participants-1", Text(refused, "message"));
        Assert.False(File.Exists(own.PathOf("next.json")));
        (await own.RunAsync("journal", "audit", "--node", "coordinator", "--previous", statement, "--out", own.PathOf("next.json"))).Done();
    }

    [Fact]
    public async Task K7_An_older_copy_of_a_journal_is_named_and_so_is_its_guardian()
    {
        using OwnDirectory own = await GuardedAsync();
        File.Copy(own.JournalOf("participants/1"), own.PathOf("yesterday.db"));
        await ConfigureAsync(own, "hour=900/1");
        (string today, string after) = (own.PathOf("today.json"), own.PathOf("after.json"));
        string identity = Text((await own.RunAsync("journal", "audit", "--out", today)).Done().GetProperty("identities"), "embedded");
        File.Copy(own.PathOf("yesterday.db"), own.JournalOf("participants/1"), overwrite: true);

        Ended rolledBack = await own.RunAsync("journal", "audit", "--previous", today, "--out", after);
        Assert.Equal(1, rolledBack.ExitCode);
        (string, string, string)[] found =
            [("participants-1", string.Empty, "journal_rolled_back"), ("participants-1", $"guard/{own.Group}/1", "guardian_rolled_back")];
        Assert.Equal(found, Found(rolledBack).Order());
        Assert.Equal(found, Found(await VerifyAsync(after, "--identity", identity)).Order());
        Assert.Equal(found, Found(await VerifyAsync(after, "--identity", identity, "--previous", today)).Order());
    }

    [Fact]
    public async Task G9_Two_lives_of_one_directory_prove_a_fork_with_the_journal_and_without_it()
    {
        using OwnDirectory own = await GuardedAsync();
        (string before, string one, string two) = (own.PathOf("before.json"), own.PathOf("one.json"), own.PathOf("two.json"));
        string identity = Text((await own.RunAsync("journal", "audit", "--out", before)).Done().GetProperty("identities"), "embedded");
        string other = own.PathOf("other");
        using (Process copy = Process.Start("cp", ["-a", own.Path, other]))
        {
            await copy.WaitForExitAsync();
        }

        await ConfigureAsync(own, "hour=900/1");
        (await own.RunAsync("journal", "audit", "--previous", before, "--out", one)).Done();
        (await SignerProcess.RunAsync("guardian", "configure", "--group", own.Group, "--window", "hour=800/1", "--data", other, "--json")).Done();
        (await SignerProcess.RunAsync("journal", "audit", "--previous", before, "--out", two, "--data", other, "--json")).Done();

        Ended audited = await SignerProcess.RunAsync("journal", "audit", "--previous", one, "--out", own.PathOf("three.json"), "--data", other, "--json");
        Ended verified = await VerifyAsync(two, "--identity", identity, "--previous", one);
        Assert.Equal((1, 1), (audited.ExitCode, verified.ExitCode));
        (string, string, string) forked = ("participants-2", $"guard/{own.Group}/2", "guardian_diverged");
        Assert.Contains(forked, Found(audited));
        Assert.Contains(forked, Found(verified));
        Assert.Contains(("coordinator", string.Empty, "journal_diverged"), Found(audited));
        Assert.Contains("proof that it was forked", verified.Out);
    }

    [Fact]
    public async Task Statements_that_cannot_stand_for_these_journals_are_refused_with_a_code_before_any_work()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        using OwnDirectory other = await OwnDirectory.CreateAsync();
        (string mine, string theirs, string next) = (own.PathOf("mine.json"), own.PathOf("theirs.json"), own.PathOf("next.json"));
        (await other.RunAsync("journal", "audit", "--out", theirs)).Done();
        (await AuditAsync(own, theirs)).Failed(2, "identity_missing");
        (await own.RunAsync("journal", "audit", "--out", mine)).Done();
        (await AuditAsync(own, theirs)).Failed(1, "statement_of_another");
        (await AuditAsync(own, Altered(own, mine, "party", "alice"))).Failed(1, "statement_of_another");
        (await AuditAsync(own, Altered(own, mine, "rows", 7))).Failed(1, "statement_invalid");
        (await AuditAsync(own, own.Write("odd", "{}"))).Failed(2, "statement_malformed");
        (await AuditAsync(own, own.PathOf("absent"))).Failed(2, "statement_unreadable");
        (await own.RunAsync("journal", "audit", "--previous", mine, "--out", mine)).Failed(2, "out_is_previous");
        (await own.RunAsync("journal", "audit", "--out", own.PathOf("no-such-folder/file"))).Failed(2, "out_invalid");
        (await own.RunAsync("journal", "audit", "--out", "/proc/statement")).Failed(3, "statement_unwritable");
        (await VerifyAsync(mine)).Failed(2, "identity_required");
        Assert.False(File.Exists(next));

        (await SignerProcess.RunAsync("journal", "audit", "--data", own.Folder, "--out", next, "--json")).Failed(2, "data_missing");
        Assert.False(File.Exists(own.PathOf("identity.key")));

        Task<Ended> AuditAsync(OwnDirectory of, string previous) => of.RunAsync("journal", "audit", "--previous", previous, "--out", next);
    }

    private static async Task<OwnDirectory> GuardedAsync()
    {
        OwnDirectory own = await OwnDirectory.CreateAsync();
        await ConfigureAsync(own, "hour=1000/1");
        return own;
    }

    private static async Task ConfigureAsync(OwnDirectory own, string window) =>
        (await own.RunAsync("guardian", "configure", "--group", own.Group, "--window", window)).Done();

    private static Task<Ended> VerifyAsync(string statement, params string[] more) =>
        SignerProcess.RunAsync(["journal", "statement", "verify", "--statement", statement, "--json", .. more]);

    private static (string Node, string Entity, string Reason)[] Found(Ended ended) => [.. ended.Json().GetProperty("findings").EnumerateArray()
        .Select(static finding => (Text(finding, "node"), Text(finding, "entity"), Text(finding, "reason")))];

    /// <summary>A file whose first statement has another value in one field.</summary>
    private static string Altered(OwnDirectory own, string statement, string field, JsonNode value)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(statement))!;
        root["statements"]![0]![field] = value;
        return own.Write("altered.json", root.ToJsonString());
    }

    private static string RosterOf(OwnDirectory own, string identity)
    {
        Assert.True(XOnlyPublicKey.TryParseHex(identity, out XOnlyPublicKey key));
        new Roster(ClusterName.Parse("bridge"), [new RosterParty(PartyName.Parse("embedded"), PartyRole.Participant, key)]).Save(own.PathOf("roster.json"));
        return own.PathOf("roster.json");
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
