#include "reader/options.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "reader/option_table.h"
#include "reader/program.h"
#include "reader/settings.h"

namespace pytrace::reader {
namespace {

using Words = std::vector<std::string>;

constexpr char kDefaultDatabase[] = "traces.sqlite";

bool IsSubcommand(const std::string& word) { return word == "sql" || word == "export"; }

// Reads words into *out. What is given last holds, so the variables are read before the words.
class Parser {
 public:
  Parser(CommandLine* out, std::string* error) : out_(out), error_(error) {}

  bool ReaderVariable(const char* variable);
  // `named` has the options that say which file it is.
  bool Configuration(const ReaderOptions& named);
  void Environment();
  bool CommandWords(const Words& words);
  bool Finish();

 private:
  bool Word(const Words& words, size_t* at);
  bool Long(const Words& words, size_t* at);
  bool Letters(const Words& words, size_t* at);
  bool ModuleOrCode(const Words& words, size_t at);
  bool DatabaseOrProgram(const Words& words, size_t at);
  bool Value(const Words& words, size_t* at, const std::string& source, const char* argument, std::string* value);
  bool Apply(const Option& option, const std::string& value, const std::string& source);
  bool Apply(const Setting& setting, const std::string& value, const std::string& source);
  bool Apply(const Switch& one, std::string value, const std::string& source);
  bool Fail(const std::string& line) {
    *error_ = line;
    return false;
  }

  CommandLine* out_;
  std::string* error_;
  bool program_found_ = false;               // the words that follow are its own
  bool program_only_ = false;                // after `--`
  bool database_given_ = false;              // as a word without an option
  bool in_config_ = false;                   // switches without an option of their own are taken, too
  std::string config_error_;                 // the same, for the reader
  std::string variable_error_;               // matters to a run only: --help and the reader work with any environment
  std::string launch_option_, read_option_;  // an option of that use that was given
};

bool Parser::Apply(const Option& option, const std::string& value, const std::string& source) {
  std::string problem;
  if (!option.apply(value, out_, &problem)) return Fail(source + ": " + problem + ", not '" + value + "'");
  return true;
}

bool Parser::Apply(const Setting& setting, const std::string& value, const std::string& source) {
  std::string normal = value, problem;
  if (!setting.normalize(&normal, &problem)) return Fail(source + ": " + problem + ", not '" + value + "'");
  if (normal == setting.default_value) {
    out_->launch.settings.erase(setting.variable);
  } else {
    out_->launch.settings[setting.variable] = normal;
  }
  return true;
}

// PYTRACE_READER: options for reading that always apply, separated by blanks.
bool Parser::ReaderVariable(const char* variable) {
  Words words;
  std::string_view rest = variable ? variable : "";
  for (size_t at; (at = rest.find_first_not_of(' ')) != std::string_view::npos;) {
    rest.remove_prefix(at);
    words.emplace_back(rest.substr(0, rest.find(' ')));
    rest.remove_prefix(words.back().size());
  }
  for (size_t at = 0; at < words.size(); ++at) {
    size_t word = at;
    if (!Word(words, &at)) return Fail("PYTRACE_READER: " + *error_);
    bool reading = !program_found_ && !program_only_ && !database_given_ && launch_option_.empty();
    if (!reading) return Fail("PYTRACE_READER: expected options for reading, not '" + words[word] + "'");
  }
  read_option_.clear();  // was not given for this command
  return true;
}

bool Parser::Apply(const Switch& one, std::string value, const std::string& source) {
  if (!TakesValue(one, &value)) return Fail(source + ": expected " + ValuesText(one) + ", not '" + value + "'");
  out_->read.switches.emplace_back(one.name, value);
  return true;
}

// A mistake in it is one of the reader's: programs run with any configuration.
bool Parser::Configuration(const ReaderOptions& named) {
  if (named.no_config) return true;
  if (!ReadConfig(named.config_file, &out_->read.config, &config_error_)) return true;
  in_config_ = true;
  for (size_t at = 0; at < out_->read.config.options.size(); ++at) {
    if (!Word(out_->read.config.options, &at)) {
      config_error_ = "configuration: " + *error_;
      break;
    }
  }
  in_config_ = false;
  if (!launch_option_.empty()) config_error_ = "configuration: " + launch_option_ + " is no option of the reader";
  launch_option_.clear();
  read_option_.clear();
  return true;
}

void Parser::Environment() {
  auto keep_first_error = [this](bool ok) {
    if (!ok && variable_error_.empty()) variable_error_ = *error_;
  };
  for (const Option& option : AllOptions()) {
    const char* value = option.variable ? getenv(option.variable) : nullptr;
    if (value && *value) keep_first_error(Apply(option, value, option.variable));
  }
  for (const Setting& setting : AllSettings()) {
    const char* value = getenv(setting.variable);
    if (value && *value) keep_first_error(Apply(setting, value, setting.variable));
  }
}

bool Parser::CommandWords(const Words& words) {
  for (size_t at = 0; at < words.size() && !program_found_; ++at) {
    if (!Word(words, &at)) return false;
  }
  return true;
}

bool Parser::Word(const Words& words, size_t* at) {
  const std::string& word = words[*at];
  if (program_only_ || word.empty() || word[0] != '-' || word == "-") return DatabaseOrProgram(words, *at);
  if (word == "--") {
    program_only_ = true;
    return *at + 1 < words.size() || Fail("-- needs a program behind it");
  }
  if (word[1] == 'm' || word[1] == 'c') return ModuleOrCode(words, *at);
  return word[1] == '-' ? Long(words, at) : Letters(words, at);
}

bool Parser::Value(const Words& words, size_t* at, const std::string& source, const char* argument,
                   std::string* value) {
  if (*at + 1 >= words.size()) return Fail(source + " needs a value: " + source + " " + argument);
  *value = words[++*at];
  return true;
}

bool Parser::Long(const Words& words, size_t* at) {
  const std::string& word = words[*at];
  size_t equals = word.find('=');
  bool joined = equals != std::string::npos;
  std::string source = word.substr(0, equals), name = source.substr(2);
  const Option* option = FindOption(name);
  const Setting* setting = FindSetting(name);
  std::string value = joined ? word.substr(equals + 1) : "1";
  // A configuration may also say off, and switch what has no option.
  const Switch* one = in_config_ && (option == nullptr || option->argument == nullptr) ? FindSwitch(name) : nullptr;
  if (one != nullptr && option == nullptr) return Apply(*one, value, name);
  if (one != nullptr) {
    if (!TakesValue(*one, &value)) return Fail(name + ": expected " + ValuesText(*one) + ", not '" + value + "'");
    return Apply(*option, value == "on" ? "1" : "0", name);
  }
  if (!option && !setting) {
    return Fail("unknown option " + source + ", did you mean --" + NearestOption(name) + "? (see pytrace --help)");
  }
  if (setting || option->use == Use::kLaunch) launch_option_ = source;
  if (option && option->use == Use::kRead) read_option_ = source;
  const char* argument = setting ? setting->argument : option->argument;
  if (joined && !argument) return Fail(source + " takes no value");
  if (argument && !joined && !Value(words, at, source, argument, &value)) return false;
  return setting ? Apply(*setting, value, source) : Apply(*option, value, source);
}

// -F, -o PATH, -oPATH, -Fe EXPR.
bool Parser::Letters(const Words& words, size_t* at) {
  const std::string& word = words[*at];
  for (size_t i = 1; i < word.size(); ++i) {
    const Option* option = FindLetter(word[i]);
    std::string source = std::string("-") + word[i];
    if (!option) {
      const Option* other_case = FindLetter(static_cast<char>(word[i] ^ 0x20));
      std::string nearest = other_case ? std::string("-") + other_case->letter : "--" + NearestOption(source.substr(1));
      return Fail("unknown option " + source + ", did you mean " + nearest + "? (see pytrace --help)");
    }
    if (option->use == Use::kRead) read_option_ = source;
    if (!option->argument) {
      if (!Apply(*option, "1", source)) return false;
      continue;
    }
    std::string value = word.substr(i + 1);
    if (value.empty() && !Value(words, at, source, option->argument, &value)) return false;
    return Apply(*option, value, source);
  }
  return true;
}

bool Parser::ModuleOrCode(const Words& words, size_t at) {
  const std::string& word = words[at];
  Words& program = out_->launch.words;
  program = {word.substr(0, 2)};
  if (word.size() > 2) program.push_back(word.substr(2));
  program.insert(program.end(), words.begin() + at + 1, words.end());
  program_found_ = true;
  return program.size() > 1 || Fail(word + " needs " + (word == "-m" ? "a module" : "code") + " behind it");
}

bool Parser::DatabaseOrProgram(const Words& words, size_t at) {
  const std::string& word = words[at];
  if (!program_only_ && LooksLikeDatabase(word)) {
    if (database_given_) return Fail("one database at a time, not also " + word);
    database_given_ = true;
    out_->read.file = out_->launch.db = word;
    return true;
  }
  if (!program_only_ && IsSubcommand(word)) {
    return Fail(word + " comes first, its options behind it; a program of that name: pytrace -- " + word);
  }
  if (database_given_) return Fail("expected only options behind a database, not '" + word + "'");
  out_->launch.words.assign(words.begin() + at, words.end());
  program_found_ = true;
  return true;
}

bool Parser::Finish() {
  if (out_->read.file.empty()) out_->read.file = out_->launch.db = kDefaultDatabase;
  bool about_itself = out_->action == CommandLine::Action::kHelp || out_->action == CommandLine::Action::kVersion;
  if (about_itself) return true;
  if (!program_found_ && !launch_option_.empty()) return Fail(launch_option_ + " needs a program to run");
  if (!config_error_.empty() && (!program_found_ || out_->launch.show)) return Fail(config_error_);
  if (!program_found_) return true;
  if (!variable_error_.empty()) return Fail(variable_error_);
  out_->action = CommandLine::Action::kLaunch;
  if (read_option_.empty() || out_->launch.show) return true;
  return Fail(read_option_ + " is for reading: add --show, or read when the program has run");
}

}  // namespace

bool ParseCommandLine(int argc, char** argv, CommandLine* out, std::string* error) {
  Words words(argv + std::min(argc, 1), argv + argc);
  if (!words.empty() && IsSubcommand(words[0])) {
    out->action = words[0] == "sql" ? CommandLine::Action::kSql : CommandLine::Action::kExport;
    return true;
  }
  // Which configuration holds stands among the words that come after it.
  CommandLine named;
  std::string ignored;
  Parser first(&named, &ignored);
  if (first.ReaderVariable(getenv("PYTRACE_READER"))) first.CommandWords(words);
  Parser parser(out, error);
  parser.Environment();
  return parser.Configuration(named.read) && parser.ReaderVariable(getenv("PYTRACE_READER")) &&
         parser.CommandWords(words) && parser.Finish();
}

}  // namespace pytrace::reader
