<?php
// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What Matomo's installation pages do (plugins/Installation/Controller.php), without a browser: tables, a super user
// and a user who may only write, two shops (sites with e-commerce), two goals, a dimension for the events' ids.
define('PIWIK_ENABLE_DISPATCH', false);
define('PIWIK_ENABLE_ERROR_HANDLER', false);
define('PIWIK_ENABLE_SESSION_START', false);
require '/usr/share/matomo/vendor_config.php';
require_once PIWIK_INCLUDE_PATH . '/core/bootstrap.php';
(new \Piwik\Application\Environment(null))->init();

use Piwik\Access;
use Piwik\DbHelper;
use Piwik\Plugin\Manager;
use Piwik\Plugins\CustomDimensions\API as Dimensions;
use Piwik\Plugins\Goals\API as Goals;
use Piwik\Plugins\SitesManager\API as Sites;
use Piwik\Plugins\UsersManager\Model as Users;
use Piwik\Updater;
use Piwik\Version;

\Piwik\FrontController::getInstance();
if (!count(DbHelper::getTablesInstalled())) {
    DbHelper::createTables();
    DbHelper::createAnonymousUser();
    DbHelper::recordInstallVersion();
}
Manager::getInstance()->loadActivatedPlugins();

function user(string $name, string $token): void
{
    $users = new Users();
    if ($users->userExists($name)) {
        return;
    }
    $now = date('Y-m-d H:i:s');
    $users->addUser($name, (new \Piwik\Auth\Password())->hash(md5(bin2hex(random_bytes(16)))), "$name@example.org", $now);
    $users->addTokenAuth($name, $token, 'test', $now);
}

Access::getInstance();
Access::doAsSuperUser(function () {
    Manager::getInstance()->installLoadedPlugins();
    $updater = new Updater();
    if ($updates = $updater->getComponentUpdates()) {
        $updater->updateComponents($updates);
    }
    Updater::recordComponentSuccessfullyUpdated('core', Version::VERSION);

    user('super', getenv('SUPER_TOKEN'));
    (new Users())->setSuperUserAccess('super', true);
    foreach ([1, 2] as $site) {
        if (!in_array($site, Sites::getInstance()->getAllSitesId())) {
            Sites::getInstance()->addSite("site-$site", ["http://site$site.example"], 1);
        }
    }
    // Reports begin with the day on which the site was made. The tracker puts that day back itself for an older event, but
    // not always once a request with such events was rolled back (5.3.1 keeps what was not committed in its cache).
    \Piwik\Db::query('UPDATE ' . \Piwik\Common::prefixTable('site') . " SET ts_created = '2020-01-01 00:00:00'");
    user('writer', getenv('WRITE_TOKEN'));
    if (!(new Users())->getUsersAccessFromSite(1) || !isset((new Users())->getUsersAccessFromSite(1)['writer'])) {
        (new Users())->addUserAccess('writer', 'write', [1]);
    }
    foreach ([1, 2] as $site) {
        if (!Goals::getInstance()->getGoals($site)) {
            Goals::getInstance()->addGoal($site, 'encode-done', 'manually', '', 'contains');
            Goals::getInstance()->addGoal($site, 'subscribed', 'manually', '', 'contains', false, false, true);
        }
        if (!Dimensions::getInstance()->getConfiguredCustomDimensions($site)) {
            Dimensions::getInstance()->configureNewCustomDimension($site, 'event id', 'action', 1); // dimension 1
            Dimensions::getInstance()->configureNewCustomDimension($site, 'channel', 'action', 1); // dimension 2
        }
    }
    \Piwik\Tracker\Cache::deleteTrackerCache();
});
echo 'Matomo ', Version::VERSION, "\n";
