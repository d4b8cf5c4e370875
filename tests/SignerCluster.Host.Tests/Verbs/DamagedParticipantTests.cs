namespace SignerCluster.Host.Tests.Verbs;

/// <summary>A participant of an embedded cluster that cannot be opened costs nobody else anything, as long as enough are left.</summary>
public sealed class DamagedParticipantTests
{
    public static TheoryData<string> Damages => ["header of the journal", "journal gone", "key file empty", "key file gone", "seat of another"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A4_K4_One_participant_that_cannot_be_opened_stops_no_other_and_sign_says_what_is_wrong(string damage)
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        Damage(own, damage, participant: 1);

        Ended signed = await own.SignAsync("s");

        signed.Done();
        Assert.Contains("participants-1 takes no part: ", signed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A4_With_fewer_participants_left_than_are_needed_nothing_starts_and_the_damage_is_the_reason()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        Damage(own, "key file empty", participant: 0);
        Damage(own, "key file empty", participant: 1);

        Ended refused = await own.SignAsync("s");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("key", refused.Out + refused.Error, StringComparison.Ordinal);
    }

    private static void Damage(OwnDirectory own, string damage, int participant)
    {
        string folder = Path.Combine(own.Path, "participants", $"{participant}");
        string journal = own.JournalOf($"participants/{participant}");
        string key = own.KeyOf($"participants/{participant}");
        switch (damage)
        {
            case "header of the journal":
                using (FileStream file = new(journal, FileMode.Open))
                {
                    file.Write(new byte[64]);
                }

                break;
            case "journal gone":
                File.Delete(journal);
                break;
            case "key file empty":
                File.WriteAllText(key, string.Empty);
                break;
            case "key file gone":
                File.Delete(key);
                break;
            default:
                string other = Directory.EnumerateFiles(Path.Combine(own.Path, "participants", "2", "seats")).Single();
                string mine = Directory.EnumerateFiles(Path.Combine(folder, "seats")).Single();
                File.Copy(other, mine, overwrite: true);
                break;
        }
    }
}
