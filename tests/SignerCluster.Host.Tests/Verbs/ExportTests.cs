using System.Text.Json;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class ExportTests
{
    [Fact]
    public async Task Every_row_is_one_line_in_the_order_of_the_commits_and_opened()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 2);
        JsonElement[] rows = await ExportAsync(own, "coordinator");
        Assert.Equal(
            rows.Select(static row => row.GetProperty("ordering").GetInt64()).Order(), rows.Select(static row => row.GetProperty("ordering").GetInt64()));
        Assert.Equal(2, rows.Count(static row => Text(row, "manifest") == "roast.session-completed.v1"));
        Assert.All(rows, static row => Assert.True(row.TryGetProperty("event", out _)));
        Assert.All(rows, static row => Assert.True(Guid.TryParse(Text(row, "writer"), out _)));

        JsonElement whole = (await own.RunAsync("journal", "export", "--node", "coordinator")).Done();
        Assert.Equal(rows.Select(static row => row.GetRawText()), whole.GetProperty("rows").EnumerateArray().Select(static row => row.GetRawText()));
    }

    [Fact]
    public async Task N2_No_key_is_in_an_export_not_even_a_wrapped_one()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        JsonElement[] ring = [.. (await ExportAsync(own, "participants-0")).Where(static row => Text(row, "entity") == "keys/ring")];
        Assert.NotEmpty(ring);
        Assert.All(ring, static row => Assert.DoesNotContain("\"wrapped\"", row.GetRawText(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task K4_A_row_that_cannot_be_read_is_told_with_its_reason_and_the_others_are_exported()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        int before = (await ExportAsync(own, "coordinator")).Length;
        own.Damage(
            "coordinator", "UPDATE journal SET message = substr(message, 1, length(message) - 1) WHERE persistence_id LIKE '%/s0' AND sequence_number = 2");
        Ended ended = await SignerProcess.RunAsync("journal", "export", "--data", own.Path, "--node", "coordinator");
        Assert.Equal(1, ended.ExitCode);
        JsonElement[] rows = Lines(ended);
        Assert.Equal(before, rows.Length);
        JsonElement unreadable = Assert.Single(rows, static row => row.TryGetProperty("unreadable", out _));
        Assert.Equal("row_unauthentic", Text(unreadable, "unreadable"));
        Assert.False(unreadable.TryGetProperty("event", out _));
    }

    [Fact]
    public async Task Which_journal_must_be_said_once()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 0);
        (await own.RunAsync("journal", "export")).Failed(2, "node_required");
        (await own.RunAsync("journal", "export", "--node", "nobody")).Failed(2, "unknown_node");
        (await own.RunAsync("journal", "export", "--node", "coordinator", "--config", "node.conf")).Failed(2, "data_or_config");
    }

    private static async Task<JsonElement[]> ExportAsync(OwnDirectory own, string node)
    {
        Ended ended = await SignerProcess.RunAsync("journal", "export", "--data", own.Path, "--node", node);
        Assert.Equal(0, ended.ExitCode);
        return Lines(ended);
    }

    private static JsonElement[] Lines(Ended ended) =>
        [.. ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
